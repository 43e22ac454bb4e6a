/**
 * probe-keys: unwraps the canary of each key whose probe is due, so that an idle key is noticed too.
 *
 * A probe that finds something else than what we believe is a signal, like any other: `assess-key` decides.
 */

import { keySignalReceived } from '../../../events/key-signal-received';
import { hasCode } from '../errors';
import { later } from '../instants';
import { isInUse } from '../keys/kms-key';
import { newFact } from '../outbox/new-fact';
import type { Clock, ControlStore, Ids, Log } from '../ports';
import { registered } from '../require-row';
import { workDue } from '../work-due-rows';
import { endWatch } from './end-watch';
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

/** Probes at the same time: each is three calls, and KMS gives GetKeyPolicy 1,000 a second for the whole account. */
const CONCURRENT_PROBES = 20;

/** No probe is begun later: a third of what Lambda gives the function, since a key that does not answer takes as long again. */
const RUN_MS = 10_000;

/** An idle key is looked at this often. Three calls every five minutes cost about $0.08 a key and month. */
const INTERVAL_MS = 5 * 60_000;

/** A key that is away is looked at in every run, so that its return is noticed within two minutes. */
const INTERVAL_WHILE_AWAY_MS = 30_000;

/**
 * Probes what is due.
 *
 * Safe to repeat. One key's failure stops no other: it stays due and comes last of what is.
 */
export async function probeKeys(ports: ProbePorts): Promise<{ readonly probed: number; readonly failed: number }> {
  const bounds = { max: PROBES_MAX, concurrency: CONCURRENT_PROBES, forMs: RUN_MS };
  const { succeeded, failed } = await workDue('key-watch', bounds, (watch) => probe(watch, ports), ports);
  for (const error of failed) ports.log.error('probe failed', { reason: String(error) });
  const counts = { probed: succeeded.length + failed.length, failed: failed.length };
  ports.log.info('keys probed', counts);
  return counts;
}

async function probe(seen: KeyWatch, ports: ProbePorts): Promise<void> {
  const { control } = ports;
  const [found, watch] = await Promise.all([
    control.find('kms-key', seen.kmsKeyArn),
    control.find('key-watch', seen.kmsKeyArn),
  ]);
  if (!watch || watch.dueAt > ports.clock.now()) return;
  const key = registered('kms-key', found, seen.kmsKeyArn);
  if (!isInUse(key)) return unlessMeanwhile(() => endWatch(key, watch, ports));

  const evidence = await observeKey(key, watch, ports);
  const news = !isSame(findingOf(evidence), watch.verdict);
  const interval = watch.availability === 'available' ? INTERVAL_MS : INTERVAL_WHILE_AWAY_MS;
  const dueAt = later(ports.clock.now(), interval);
  const facts = news ? [signalOf(watch, evidence.unwrap, ports)] : [];
  const writes = [{ entityType: 'key-watch', row: { ...watch, dueAt } }] as const;
  await unlessMeanwhile(() => control.commit({ writes, facts }));
}

/** Where somebody assessed the key meanwhile, or moved it, it is still due: the next run looks again. */
async function unlessMeanwhile(commit: () => Promise<void>): Promise<void> {
  try {
    await commit();
  } catch (error) {
    if (!hasCode(error, 'state.changed-meanwhile')) throw error;
  }
}

const signalOf = (watch: KeyWatch, unwrap: string, ports: ProbePorts) =>
  newFact(keySignalReceived, ports, {
    kmsKeyArn: watch.kmsKeyArn,
    signal: 'probe',
    observed: `unwrap: ${unwrap}`,
    signalledAt: ports.clock.now(),
  });
