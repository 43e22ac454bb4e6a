/**
 * Certificates that no retirement has. A certificate is committed with the row of its retirement, so a fact that carries
 * one is held against that row: whoever can write the outbox alone puts none into a customer's stream.
 */
import { hash } from 'node:crypto';
import { ContractViolation, type Fact } from '../../../../events/define-event';
import { retirementCertified } from '../../../../events/retirement-certified';
import type { ControlStore } from '../../ports';

/**
 * Refuses a certificate that the key's retirement neither has nor can have had: a row keeps its last one, so an earlier one
 * is told by its date. Facts of any other kind pass.
 *
 * @throws ContractViolation; KeywrightError `store.unreachable` (retry).
 */
export async function refuseInvented(fact: Fact, control: Pick<ControlStore, 'find'>): Promise<void> {
  if (fact.detailType !== retirementCertified.detailType) return;
  const { kmsKeyArn, certificate, certificateHash, at } = retirementCertified.read(fact.detail);
  const [text = ''] = certificate.split('\n\n', 1);
  if (hash('sha256', `${text}\n`, 'hex') !== certificateHash) {
    throw new ContractViolation('detail.certificateHash', 'is not the hash of the certificate');
  }
  const last = (await control.find('retirement', kmsKeyArn))?.certificate;
  if (last && (last.hash === certificateHash || last.issuedAt > at)) return;
  throw new ContractViolation('detail.certificate', 'is not the one that the retirement of the key has');
}
