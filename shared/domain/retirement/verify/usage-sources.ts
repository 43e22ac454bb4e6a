/** When a KMS key was last used, by each witness that there is. One that cannot be asked is noted, and shows nothing. */

import { KeywrightError } from '../../errors';
import type { KmsKey } from '../../keys/kms-key';
import type { KeyObserver } from '../../keys/ports';
import { defined } from '../../optional-fields';
import type { Clock } from '../../ports';

/** The last successful use of keys that CloudTrail told us of, whoever made it. */
export interface LastUses {
  /**
   * Notes that the key was used up to that instant. An earlier one than is noted changes nothing.
   *
   * @throws KeywrightError `store.unreachable` (retry).
   */
  note(kmsKeyArn: string, at: string): Promise<void>;
  /** Strongly consistent; undefined when none was noted. Throws as `note` does. */
  of(kmsKeyArn: string): Promise<string | undefined>;
}

export interface UsageSource {
  readonly witness: 'cloudtrail' | 'kms-last-usage';
  /** When the key was last used, as far as this witness knows; absent: never. */
  readonly usedAt?: string;
  /** Since when it has been looking. Absent: as long as the product has known the key. */
  readonly since?: string;
  /** Why it could not be asked. */
  readonly silent?: string;
  readonly at: string;
}

export interface UsageSourcePorts {
  readonly lastUses: LastUses;
  readonly observer: Pick<KeyObserver, 'lastUse'>;
  readonly clock: Clock;
}

/** When the key was last used, by each source. One that cannot be asked says so. */
export async function usageSourcesOf(key: KmsKey, ports: UsageSourcePorts): Promise<readonly UsageSource[]> {
  const usedAt = await ports.lastUses.of(key.kmsKeyArn);
  const trail: UsageSource = { witness: 'cloudtrail', ...defined({ usedAt }), at: ports.clock.now() };
  return [trail, await askedKms(key, ports)];
}

/** The end of the hour of the last use that any of them saw: they are the same use, whoever tells of it first. */
export function lastUseOf(witnesses: readonly UsageSource[]): string | undefined {
  return witnesses
    .flatMap(({ usedAt }) => (usedAt === undefined ? [] : endOfHour(usedAt)))
    .sort()
    .at(-1);
}

/** KMS tells it of keys in the caller's own account only, and not everywhere. Source: KMS API reference, GetKeyLastUsage. */
async function askedKms(key: KmsKey, { observer, clock }: UsageSourcePorts): Promise<UsageSource> {
  const asked = { witness: 'kms-last-usage', at: clock.now() } as const;
  try {
    return { ...asked, ...(await observer.lastUse(key)) };
  } catch (error) {
    // What may pass is tried again with the whole step: a witness is not left out for a moment's silence.
    if (!(error instanceof KeywrightError) || error.retry) throw error;
    return { ...asked, silent: error.code };
  }
}

export const HOUR_MS = 3_600_000;

/** The end of the hour: uses are noted by the hour, which is a write an hour and key instead of one a call. */
export const endOfHour = (instant: string): string =>
  new Date(Math.ceil(Date.parse(instant) / HOUR_MS) * HOUR_MS).toISOString();
