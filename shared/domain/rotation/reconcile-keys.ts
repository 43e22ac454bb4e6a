/**
 * reconcile-keys: what we believe of each registered key against what is there, once a day, whatever events were lost: that it is
 * watched, and the material that it wraps under. Its state, its policy and its uses are compared by each full look at it.
 */
import { newWatch } from '../availability/new-watch';
import { callBudget } from '../call-budget';
import { NEVER } from '../instants';
import { isInUse } from '../keys/kms-key';
import type { DataKeyCrypto } from '../keys/ports';
import { inParallel } from '../parallel-work';
import type { Pause } from '../ports';
import { stableHash } from '../stable-hash';
import { inTime } from '../time-limit';
import { type FollowPorts, followRotation } from './follow-rotation';

export interface ReconcilePorts extends FollowPorts {
  readonly crypto: Pick<DataKeyCrypto, 'generate'>;
  readonly pause: Pause;
}

const HOURS = 24;
const PAGE = 500;
const CONCURRENT = 10;
const CALLS_PER_SECOND = 40;

/** 8,000 keys an hour, so that 190,000 have their turn in a day. Lambda gives the function 300 seconds. */
const RUN_MS = 200_000;

/** `watched`: nobody looked at it, and now somebody does. `followed`: it was rotated, and no event had told us. */
export type Reconciled = 'as-believed' | 'watched' | 'followed';

/**
 * Compares the keys whose hour of the day it is. Changes what we believe, and nothing in KMS. Safe to repeat. One key's failure stops
 * no other.
 *
 * @throws KeywrightError `store.unreachable` (retry) when what is registered cannot be read.
 */
export async function reconcileKeys(ports: ReconcilePorts): Promise<Readonly<Record<Reconciled | 'failed', number>>> {
  const turn = callBudget(CALLS_PER_SECOND, ports);
  const arns = await registeredNow(ports);
  const { succeeded, failed } = await inParallel(inTime(arns, RUN_MS, ports.clock), CONCURRENT, async (kmsKeyArn) => {
    await turn(1);
    return reconcile(kmsKeyArn, ports);
  });
  for (const error of failed) ports.log.error('key not compared', { reason: String(error) });
  const count = (what: Reconciled) => succeeded.filter((one) => one === what).length;
  const counts = {
    'as-believed': count('as-believed'),
    watched: count('watched'),
    followed: count('followed'),
    failed: failed.length,
  };
  const left = arns.length - succeeded.length - failed.length;
  ports.log[left > 0 ? 'warn' : 'info']('keys compared', { ...counts, left });
  return counts;
}

/** Every registered key has a rotation policy, which is listed by its date. */
async function registeredNow({ control, clock }: ReconcilePorts): Promise<readonly string[]> {
  const hour = new Date(clock.now()).getUTCHours();
  const arns: string[] = [];
  let after: string | undefined;
  do {
    const { rows, next } = await control.page('rotation-policy', {
      limit: PAGE,
      ...(after !== undefined && { after }),
    });
    for (const { kmsKeyArn } of rows) if (stableHash(kmsKeyArn) % HOURS === hour) arns.push(kmsKeyArn);
    after = next;
  } while (after !== undefined);
  return arns;
}

async function reconcile(kmsKeyArn: string, ports: ReconcilePorts): Promise<Reconciled> {
  const { control, clock, log } = ports;
  const [key, watch] = await Promise.all([control.find('kms-key', kmsKeyArn), control.find('key-watch', kmsKeyArn)]);
  if (!key || !isInUse(key)) return 'as-believed';
  if (watch && watch.dueAt !== NEVER) {
    const followed = (await followRotation({ kmsKeyArn }, ports)) === 'followed';
    if (followed) log.warn('a rotation was found that no event had told of', { kmsKeyArn });
    return followed ? 'followed' : 'as-believed';
  }
  // By the same action as applications: our roles may no other with customers' keys. Its plaintext is let go at once.
  const crypto = { generateWrapped: ports.crypto.generate };
  const row = watch ? { ...watch, dueAt: clock.now() } : (await newWatch(key, { crypto, clock })).watch;
  // The key is part of it: one that is taken out of use meanwhile is not watched.
  const writes = [{ entityType: 'key-watch', row } as const, { entityType: 'kms-key', row: key } as const];
  await control.commit({ writes, facts: [] });
  log.warn('a key that is in use was not watched, and is now', { kmsKeyArn });
  return 'watched';
}
