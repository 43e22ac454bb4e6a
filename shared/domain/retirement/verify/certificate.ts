/**
 * Retirement certificates: what was checked about a KMS key, what was found, and what may be done with it, signed.
 *
 * A certificate is a signed note: the name of its kind, then its statement as canonical JSON, a line each. The key that
 * signs customers' audit streams signs it, under a name of its own. docs/retirement-certificate.md is the format.
 *
 * SHA-256 comes from node:crypto: a pure function.
 */

import { hash } from 'node:crypto';
import { retirementCertified } from '../../../../events/retirement-certified';
import { canonicalJson, type Json } from '../../audit/canonical-json';
import type { CheckpointSigner } from '../../audit/log/ports';
import { signNote } from '../../audit/log/signed-note';
import type { KmsKey } from '../../keys/kms-key';
import { newFact } from '../../outbox/new-fact';
import type { Clock, Ids } from '../../ports';
import type { Approval } from '../approval';
import { type CertificateVerdict, type Retirement, type RetirementCertificate, UNDO } from '../retirement';
import type { Check } from './references';
import type { UsageSource } from './usage-sources';

/** The first line of every certificate, and the name of its signer. */
export const CERTIFICATE_NAME = 'keywright/retirement';

export interface CertifyPorts {
  readonly signer: CheckpointSigner;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What a certificate rests on. */
export interface Evidence {
  readonly checks: readonly Check[];
  readonly witnesses: readonly UsageSource[];
  readonly approvals?: readonly Approval[];
}

/**
 * Issues a certificate. Issued again it says so at another time, and has another hash: only the one that is committed
 * counts.
 *
 * @returns the retirement with it, and the fact that carries it.
 * @throws KeywrightError any code that begins with `kms.`.
 */
export async function certified(
  verdict: CertificateVerdict,
  { key, retirement, evidence }: { readonly key: KmsKey; readonly retirement: Retirement; readonly evidence: Evidence },
  ports: CertifyPorts,
) {
  const issuedAt = ports.clock.now();
  const text = certificateText(statementOf(verdict, key, retirement, evidence, issuedAt));
  const note = await signNote(text, CERTIFICATE_NAME, ports.signer);
  const certificate: RetirementCertificate = { note, hash: hash('sha256', text, 'hex'), verdict, issuedAt };
  const { kmsKeyArn, customerId } = key;
  const fact = newFact(retirementCertified, ports, {
    at: issuedAt,
    kmsKeyArn,
    customerId,
    verdict,
    certificateHash: certificate.hash,
    certificate: note,
  });
  return { retirement: { ...retirement, certificate }, fact };
}

/** The text that a certificate signs: its name, then the statement on one line. */
export const certificateText = (statement: Json): string => `${CERTIFICATE_NAME}\n${canonicalJson(statement)}\n`;

function statementOf(
  verdict: CertificateVerdict,
  key: KmsKey,
  retirement: Retirement,
  { checks, witnesses, approvals = [] }: Evidence,
  issuedAt: string,
): Json {
  const { quietSince, disabledAt, deletionDate, certificate, terms } = retirement;
  return {
    v: 1,
    verdict,
    issuedAt,
    kmsKeyArn: key.kmsKeyArn,
    customerId: key.customerId,
    option: key.option,
    replacedBy: key.replacedBy,
    keyMaterialIds: [...(key.olderMaterialIds ?? []), key.keyMaterialId],
    checks: checks.map((check) => ({ ...check })),
    uses: witnesses.map((witness) => ({ ...witness })),
    terms: { ...terms },
    quietSince,
    disabledAt,
    deletionDate,
    approvals: approvals.map(shownApproval),
    undo: UNDO[STAGE_OF[verdict]],
    before: certificate?.hash,
  };
}

/** Where a key is that has such a certificate. */
const STAGE_OF = {
  needed: 'watching',
  'safe-to-disable': 'disable-due',
  'safe-to-delete': 'deletable',
  'deletion-scheduled': 'deletion-scheduled',
} as const satisfies Record<CertificateVerdict, Retirement['stage']>;

const shownApproval = (approval: Approval): Json => {
  const { step, certificateHash, requestedBy, requestedAt, reason, approvedBy, approvedAt } = approval;
  return { step, certificateHash, requestedBy, requestedAt, reason, approvedBy, approvedAt };
};
