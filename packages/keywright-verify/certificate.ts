/**
 * Verifies a retirement certificate, offline: that it was signed by the key that signs customers' audit streams, and that it
 * says one thing only. docs/retirement-certificate.md is the format.
 */
import { hash } from 'node:crypto';
import { namedAnew, openNote, Refusal, readVerifierKey } from './note';

/** What a certificate says, as far as readers need to know. Members they do not know they ignore. */
export interface Certificate {
  readonly verdict: string;
  readonly issuedAt: string;
  readonly kmsKeyArn: string;
  readonly checks: readonly { readonly source: string; readonly found: number; readonly at: string }[];
  readonly [member: string]: unknown;
}

export interface VerifiedCertificate {
  readonly certificate: Certificate;
  /** SHA-256 of the text, in hex: what approvals are bound to. */
  readonly hash: string;
}

/** The first line of every certificate, and the name of its signer. */
const NAME = 'keywright/retirement';
const VERSION = 1;

/**
 * @param note The certificate as it was handed on.
 * @param publicKey `name+keyid+key`: the one that verifies any audit stream of the provider, or that of certificates.
 * @throws Refusal `key-malformed`, `wrong-signer`, `certificate-malformed`.
 */
export function verifyCertificate(note: string | Uint8Array, publicKey: string): VerifiedCertificate {
  const text = openNote(note, namedAnew(readVerifierKey(publicKey), NAME), 'certificate');
  const [name, json = ''] = text.split('\n');
  if (name !== NAME || text !== `${name}\n${json}\n`) throw malformed(`must be two lines, the first of them ${NAME}`);
  const certificate = parsed(json);
  // A member that is there twice would be read one way by people and another way by programs.
  if (canonical(certificate) !== json) throw malformed('is not in canonical form');
  if (!isCertificate(certificate)) throw malformed(`is not of version ${VERSION}: use a newer verifier`);
  return { certificate, hash: hash('sha256', text, 'hex') };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw malformed('has no JSON in its second line');
  }
}

/** RFC 8785, for what JSON.parse gives. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

function isCertificate(value: unknown): value is Certificate {
  if (typeof value !== 'object' || value === null) return false;
  const { v, verdict, issuedAt, kmsKeyArn, checks } = value as Readonly<Record<string, unknown>>;
  const isText = [verdict, issuedAt, kmsKeyArn].every((one) => typeof one === 'string');
  return v === VERSION && isText && Array.isArray(checks);
}

const malformed = (what: string): Refusal => new Refusal('certificate-malformed', `The certificate ${what}.`);
