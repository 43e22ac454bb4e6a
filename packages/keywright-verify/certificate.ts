/**
 * Verifies a retirement certificate, offline: that it was signed by the key that signs customers' audit streams, and that it
 * says one thing only. docs/retirement-certificate.md is the format.
 */
import { malformed, openStatement } from './signed-statement';

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
  const { value, hash } = openStatement(note, publicKey, NAME, 'certificate');
  if (!isCertificate(value)) throw malformed('certificate', `is not of version ${VERSION}: use a newer verifier`);
  return { certificate: value, hash };
}

function isCertificate(value: unknown): value is Certificate {
  if (typeof value !== 'object' || value === null) return false;
  const { v, verdict, issuedAt, kmsKeyArn, checks } = value as Readonly<Record<string, unknown>>;
  const isText = [verdict, issuedAt, kmsKeyArn].every((one) => typeof one === 'string');
  return v === VERSION && isText && Array.isArray(checks);
}
