/** A person says how large a KMS quota is, and what of it re-encryption never takes. */

import { kmsQuotaSet } from '../../../../events/kms-quota-set';
import { invalid } from '../../errors';
import { defined } from '../../optional-fields';
import { type FactPorts, newFact } from '../../outbox/new-fact';
import type { Clock, ControlStore } from '../../ports';
import { retryOnConflict } from '../../retry-on-conflict';
import { type KmsQuota, sizeOf } from './kms-quota';
import { quotaAtStart } from './lease';

export interface QuotaPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
}

/** What is not given stays as it is. */
export interface QuotaSize {
  readonly perSecond?: number | undefined;
  readonly reserved?: number | undefined;
}

/** As it is known; one that nobody has used yet is as AWS has it. */
export const findQuota = async (quotaId: string, { control, clock }: QuotaPorts): Promise<KmsQuota> =>
  (await control.find('kms-quota', quotaId)) ?? quotaAtStart(quotaId, Date.parse(clock.now()));

/**
 * Every worker keeps to it from its next renewal on. Safe to repeat: each time is a fact.
 *
 * @param by who says so.
 * @throws KeywrightError `input.invalid`; `state.changed-meanwhile` (retry): many workers renew just now.
 */
export async function setQuota(
  quotaId: string,
  size: QuotaSize,
  by: string,
  ports: QuotaPorts & FactPorts,
): Promise<KmsQuota> {
  return retryOnConflict(async () => {
    const before = await findQuota(quotaId, ports);
    const { perSecond = before.perSecond, reserved = before.reserved } = size;
    const row = {
      ...before,
      ...defined({ perSecond, reserved }),
    };
    refuseNonsense(row);
    const fact = newFact(kmsQuotaSet, ports, { quotaId, perSecond: sizeOf(row), reserved: row.reserved ?? 0, by });
    await ports.control.commit({ writes: [{ entityType: 'kms-quota', row }], facts: [fact] });
    return row;
  });
}

function refuseNonsense(quota: KmsQuota): void {
  const [size, reserved] = [sizeOf(quota), quota.reserved ?? 0];
  if (!Number.isSafeInteger(size) || size < 1) {
    throw invalid('perSecond', 'must be a whole number of requests, at least 1: what Service Quotas shows.');
  }
  if (!Number.isSafeInteger(reserved) || reserved < 0 || reserved >= size) {
    throw invalid('reserved', `must be a whole number of requests, from 0 to less than the quota of ${size}.`);
  }
}
