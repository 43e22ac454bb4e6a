/** trigger-rotation: a rotation is due before its time, because of a fact or of how often the key was used. */

import { KeywrightError } from '../errors';
import type { Wrapping } from '../keys/ports';
import type { Clock, ControlStore, Log } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import type { RotationPolicy } from './rotation-policy';

export interface TriggerPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly log: Log;
}

export type Triggered = 'due' | 'ignored';

/**
 * Makes the key of a fact due, if its policy says that such a fact does.
 *
 * Safe to repeat: a fact of no key, of before the last rotation, or while another has made it due, changes nothing.
 */
export async function triggerByFact(
  detailType: string,
  fact: { readonly kmsKeyArn?: string | undefined; readonly at: string },
  ports: TriggerPorts,
): Promise<Triggered> {
  const { kmsKeyArn } = fact;
  if (kmsKeyArn === undefined) return 'ignored';
  return retryOnConflict(async () => {
    const policy = await ports.control.find('rotation-policy', kmsKeyArn);
    if (!policy?.triggers?.facts?.includes(detailType)) return 'ignored';
    return fact.at > (policy.since ?? '') ? makeDue(policy, detailType, ports) : 'ignored';
  });
}

/** Makes a key due whose material has encrypted as often as its policy allows. Safe to repeat. */
export async function triggerByUses(used: Wrapping, uses: number, ports: TriggerPorts): Promise<Triggered> {
  const { kmsKeyArn, keyMaterialId } = used;
  return retryOnConflict(async () => {
    const policy = await ports.control.find('rotation-policy', kmsKeyArn);
    const usesMax = policy?.triggers?.maxUses;
    if (!policy || usesMax === undefined || uses < usesMax) return 'ignored';
    const key = await ports.control.find('kms-key', kmsKeyArn);
    // Records of material that was rotated away come late.
    return key?.keyMaterialId === keyMaterialId ? makeDue(policy, 'uses', ports) : 'ignored';
  });
}

/** Makes a key due that is rotated to imported material, some of which is waiting. Safe to repeat. */
export async function triggerByImport(kmsKeyArn: string, ports: TriggerPorts): Promise<Triggered> {
  return retryOnConflict(async () => {
    const policy = await ports.control.find('rotation-policy', kmsKeyArn);
    return policy?.strategy === 'imported-material' ? makeDue(policy, 'import', ports) : 'ignored';
  });
}

async function makeDue(policy: RotationPolicy, by: string, { control, clock, log }: TriggerPorts): Promise<Triggered> {
  const now = clock.now();
  if (policy.triggered) return 'ignored';
  const dueAt = policy.dueAt < now ? policy.dueAt : now;
  await control.commit({
    writes: [{ entityType: 'rotation-policy', row: { ...policy, triggered: { by, at: now }, dueAt } }],
    facts: [],
  });
  log.info('rotation triggered', { kmsKeyArn: policy.kmsKeyArn, by });
  return 'due';
}

/** How often each key material has encrypted: AES-GCM under one key is for a bounded number of times. */
export interface KeyUses {
  /**
   * Adds to what was counted. NOT safe to repeat: uses that are added twice count twice, which errs on the safe side.
   *
   * @returns the sum.
   * @throws KeywrightError `store.unreachable` (retry).
   */
  add(used: Wrapping, uses: number): Promise<number>;
}

/**
 * Counts uses. What cannot be counted is logged and left out: no audit entry waits for a count.
 *
 * @param uses One for each time that a material encrypted.
 */
export async function countUses(
  uses: readonly Wrapping[],
  ports: TriggerPorts & { readonly uses: KeyUses },
): Promise<void> {
  const sums = new Map<string, { readonly used: Wrapping; count: number }>();
  for (const used of uses) {
    const name = `${used.kmsKeyArn} ${used.keyMaterialId}`;
    const sum = sums.get(name) ?? { used, count: 0 };
    sum.count += 1;
    sums.set(name, sum);
  }
  await Promise.all([...sums.values()].map(({ used, count }) => countOne(used, count, ports)));
}

async function countOne(used: Wrapping, count: number, ports: TriggerPorts & { readonly uses: KeyUses }) {
  try {
    await triggerByUses(used, await ports.uses.add(used, count), ports);
  } catch (error) {
    if (!(error instanceof KeywrightError)) throw error;
    ports.log.warn('uses of a key were not counted', { kmsKeyArn: used.kmsKeyArn, uses: count, code: error.code });
  }
}
