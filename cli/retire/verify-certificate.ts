/** `keywright retire verify`: what whoever holds a certificate checks, offline, with a public key and nothing else. */
import { Command } from 'commander';
import { type Certificate, verifyCertificate } from 'keywright-verify/certificate';
import { Refusal } from 'keywright-verify/note';
import { utc } from '../../shared/domain/instants';
import { isSamePerson } from '../../shared/domain/retirement/same-person';
import { printable } from '../output/printable-text';
import { readSigned } from '../output/signed-file';

interface Options {
  readonly publicKey: string;
  readonly kmsKey?: string;
  readonly json?: boolean;
}

/** One thing that was looked at, and how it came out. */
export interface Line {
  readonly check: string;
  readonly ok: boolean;
  readonly says: string;
}

export interface CertificateReport {
  readonly ok: boolean;
  readonly lines: readonly Line[];
  readonly hash?: string;
  readonly certificate?: Certificate;
}

const EXAMPLES = `
Examples:
  $ keywright retire verify key.cert --key acme.pub --kms-key KEY_ARN
  $ keywright retire verify key.cert --key "keywright/audit/acme+…" --json

Exit code 1: the certificate does not hold. 2: it could not be looked at.
`;

export const verify = () =>
  new Command('verify')
    .description('verify a retirement certificate offline')
    .argument('<file>', 'a certificate, as `keywright retire certificate` wrote it')
    .requiredOption(
      '--key, --public-key <key>',
      'the public key of any audit stream of the provider, `name+keyid+key`, or a file with it',
    )
    .option('--kms-key <arn>', 'the KMS key that the certificate must name')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', EXAMPLES)
    .action((file: string, { publicKey, kmsKey, json }: Options) => {
      const given = readSigned(file, publicKey);
      if (given === undefined) return;
      const report = reportOn(given.note, given.publicKey, kmsKey);
      process.stdout.write(`${json ? JSON.stringify(report, null, 2) : textOf(report)}\n`);
      if (!report.ok) process.exitCode = 1;
    });

/** @throws whatever is no refusal of the certificate itself. */
export function reportOn(note: string | Uint8Array, publicKey: string, kmsKeyArn?: string): CertificateReport {
  try {
    const { certificate, hash } = verifyCertificate(note, publicKey);
    const lines = [...keyLine(certificate, kmsKeyArn), ...linesOf(certificate)];
    return { ok: lines.every(({ ok }) => ok), lines, hash, certificate };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, lines: [{ check: CHECK_OF[error.code] ?? 'form', ok: false, says: error.message }] };
  }
}

const CHECK_OF: Readonly<Partial<Record<Refusal['code'], string>>> = { 'wrong-signer': 'signature' };

function keyLine(certificate: Certificate, expected: string | undefined): readonly Line[] {
  if (expected === undefined) return [];
  return [{ check: 'key', ok: certificate.kmsKeyArn === expected, says: `it is about ${certificate.kmsKeyArn}` }];
}

function linesOf(certificate: Certificate): readonly Line[] {
  const isNeeded = certificate.verdict === 'needed';
  return [
    { check: 'signature', ok: true, says: 'made by the key given, over every byte of the statement' },
    { check: 'form', ok: true, says: 'one statement in canonical form: it reads one way only' },
    ...certificate.checks.map(({ source, found, at }) => ({
      check: source,
      // An index may be late: what it shows beside a table that shows nothing needs the key no more.
      ok: isNeeded || found === 0 || source.endsWith('-by-index'),
      says: `${found} found at ${utc(at)}`,
    })),
    ...approvalLines(certificate),
  ];
}

interface Agreed {
  readonly step?: unknown;
  readonly certificateHash?: unknown;
  readonly requestedBy?: unknown;
  readonly approvedBy?: unknown;
}

/** A deletion takes two people, who have read the certificate before this one. */
function approvalLines({ verdict, approvals, before }: Certificate): readonly Line[] {
  const agreed = (Array.isArray(approvals) ? approvals : []) as readonly Agreed[];
  const lines = agreed.map((approval) => ({
    check: 'approval',
    ok: areTwo(approval) && approval.certificateHash === before,
    says: `${approval.step} asked for by ${approval.requestedBy}, approved by ${approval.approvedBy}, for the certificate ${approval.certificateHash}`,
  }));
  const isMissing = verdict === 'deletion-scheduled' && !agreed.some(({ step }) => step === 'schedule-deletion');
  if (!isMissing) return lines;
  return [...lines, { check: 'approval', ok: false, says: 'a deletion takes two people, and none are named' }];
}

const areTwo = ({ requestedBy, approvedBy }: Agreed): boolean =>
  typeof requestedBy === 'string' && typeof approvedBy === 'string' && !isSamePerson(requestedBy, approvedBy);

const WIDTH = 22;

export function textOf({ ok, lines, hash, certificate }: CertificateReport): string {
  const said = [
    ...lines.map((line) => `${line.ok ? 'ok ' : 'BAD'}  ${line.check.padEnd(WIDTH)}${line.says}`),
    ...(certificate ? [`${certificate.kmsKeyArn}: ${certificate.verdict}, issued ${utc(certificate.issuedAt)}`] : []),
    ...(hash === undefined ? [] : [`hash ${hash}`]),
    ok ? 'The certificate holds.' : 'The certificate does NOT hold. Do not act on it; ask whoever issued it.',
  ];
  return said.map(printable).join('\n');
}
