/**
 * probe-keys: unwraps the canary of each key whose probe is due, so that an idle key is noticed too.
 *
 * A probe that finds something else than what we believe is a signal, like any other: `assess-key` decides.
 */

import type { Fact } from '../../../events/define-event';
import { keySignalReceived } from '../../../events/key-signal-received';
import { hasCode, KeywrightError } from '../errors';
import { later, NEVER } from '../instants';
import { isInUse } from '../keys/kms-key';
import type { Clock, ControlStore, Ids, Log } from '../ports';
import { workDue } from '../work-due';
import { findingOf, isSame } from './key-evidence';
import type { KeyWatch } from './key-watch';
import { type ObservePorts, observeKey } from './observe-key';

export interface ProbePorts extends ObservePorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** Keys probed in one run; what is left is the longest due in the next one, a minute later. */
export const PROBES_MAX = 500;

/** Probes at the same time: each is two calls, and KMS gives DescribeKey 2,000 a second for the whole account. */
const CONCURRENT_PROBES = 20;

/** An idle key is looked at this often. Two calls every five minutes cost about $0.05 a key and month. */
const INTERVAL_MS = 5 * 60_000;

/** A key that is away is looked at in every run, so that its return is noticed within two minutes. */
const INTERVAL_WHILE_AWAY_MS = 30_000;

/**
 * Probes what is due.
 *
 * Safe to repeat. One key's failure stops no other: it stays due and comes last of what is.
 */
export async function probeKeys(ports: ProbePorts): Promise<{ readonly probed: number; readonly failed: number }> {
  const bounds = { max: PROBES_MAX, concurrency: CONCURRENT_PROBES };
  const { succeeded, failed } = await workDue('key-watch', bounds, (watch) => probe(watch, ports), ports);
  for (const error of failed) ports.log.error('probe failed', { reason: String(error) });
  const counts = { probed: succeeded.length + failed.length, failed: failed.length };
  ports.log.info('keys probed', counts);
  return counts;
}

async function probe(seen: KeyWatch, ports: ProbePorts): Promise<void> {
  const { control } = ports;
  const [key, watch] = await Promise.all([
    control.find('kms-key', seen.kmsKeyArn),
    control.find('key-watch', seen.kmsKeyArn),
  ]);
  if (!watch || watch.dueAt > ports.clock.now()) return;
  if (!key)
    throw new KeywrightError('state.not-found', 'A key is watched that nobody registered.', {
      kmsKeyArn: seen.kmsKeyArn,
    });

  // Nobody waits for a key that we disabled after proof that nothing needs it.
  if (!isInUse(key)) return commitProbe({ ...watch, dueAt: NEVER }, [], ports);

  const evidence = await observeKey(key, watch, ports);
  const news = !isSame(findingOf(evidence), watch.verdict);
  const interval = watch.availability === 'available' ? INTERVAL_MS : INTERVAL_WHILE_AWAY_MS;
  const dueAt = later(ports.clock.now(), interval);
  await commitProbe({ ...watch, dueAt }, news ? [signalOf(watch, evidence.unwrap, ports)] : [], ports);
}

async function commitProbe(watch: KeyWatch, facts: readonly Fact[], ports: ProbePorts): Promise<void> {
  try {
    await ports.control.commit({ writes: [{ entityType: 'key-watch', row: watch }], facts });
  } catch (error) {
    // Somebody assessed the key meanwhile: it is still due, and the next run looks again.
    if (!hasCode(error, 'state.changed-meanwhile')) throw error;
  }
}

const signalOf = (watch: KeyWatch, unwrap: string, { ids, clock }: ProbePorts) =>
  keySignalReceived.of({
    factId: ids.next(),
    at: clock.now(),
    kmsKeyArn: watch.kmsKeyArn,
    signal: 'probe',
    observed: `unwrap: ${unwrap}`,
    signalledAt: clock.now(),
  });
