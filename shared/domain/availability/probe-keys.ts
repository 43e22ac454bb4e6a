/**
 * probe-keys: looks at each key whose look is due, so that what happens to an idle key is noticed too.
 *
 * A look that finds something else than what we believe is a signal, like any other: `assess-key` decides. Where that one has not
 * answered for a minute the probe assesses the key itself, so that no single function stands between a loss and its page.
 */

import { keySignalReceived } from '../../../events/key-signal-received';
import { callBudget } from '../call-budget';
import { hasCode } from '../errors';
import { elapsedMs } from '../instants';
import { isInUse, type KmsKey } from '../keys/kms-key';
import { defined } from '../optional-fields';
import { newFact } from '../outbox/new-fact';
import type { Clock, ControlStore, Ids, Log, Pause } from '../ports';
import { registered } from '../require-row';
import { workDue } from '../work-due-rows';
import { assessKey } from './assess-key';
import { endWatch } from './end-watch';
import { type Evidence, type Finding, findingOf, isSame } from './key-evidence';
import type { KeyWatch } from './key-watch';
import { isNoticed } from './loss-notice';
import { isBriefEnough, nextLookAt } from './next-look';
import { noteLook } from './note-look';
import { type ObservePorts, observeKey, servesAsNeeded } from './observe-key';
import { renewCanary } from './renew-canary';
import { troubleIn } from './trouble-in-look';
import { noteSafeguards } from './warnings/note-safeguards';

export interface ProbePorts extends ObservePorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly pause: Pause;
}

/** Keys looked at in one run, of one part: 25,000 every four minutes. What is left is the longest due in the next run, a minute later. */
export const PROBES_MAX = 8_000;

/** A look takes some 60 ms. */
const CONCURRENT_PROBES = 40;

/** No look is begun later: a key that does not answer takes half a minute, and Lambda gives the function 90 seconds. */
const RUN_MS = 40_000;

/** A signal is answered by a verdict within seconds; nobody does where none is there after so long. */
const ANSWER_MS = 60_000;

/**
 * Calls of KMS that one part begins in a second: 2,800 for all four, a seventh of what an account has in the larger regions and under
 * a third of the least. Source: KMS developer guide, "Request quotas".
 */
const CALLS_PER_SECOND = 700;
const BRIEF_CALLS = 3;
const FULL_CALLS = 6;

/**
 * Looks at what is due. @param part Of the parts of what is due; all of it where none is named.
 *
 * Safe to repeat. One key's failure stops no other: it stays due and comes last of what is.
 */
export async function probeKeys(
  ports: ProbePorts,
  part?: number,
): Promise<{ readonly probed: number; readonly failed: number }> {
  const bounds = { max: PROBES_MAX, concurrency: CONCURRENT_PROBES, forMs: RUN_MS, ...defined({ part }) };
  const turn = callBudget(CALLS_PER_SECOND, ports);
  const { succeeded, failed } = await workDue('key-watch', bounds, (watch) => probe(watch, { ...ports, turn }), ports);
  for (const error of failed) ports.log.error('probe failed', { reason: String(error) });
  const counts = { probed: succeeded.length + failed.length, failed: failed.length };
  ports.log.info('keys probed', { ...counts, ...defined({ part }) });
  return counts;
}

interface RunPorts extends ProbePorts {
  /** Waits until so many calls of KMS may begin. */
  readonly turn: (calls: number) => Promise<void>;
}

async function probe(seen: KeyWatch, ports: RunPorts): Promise<void> {
  const { control, clock } = ports;
  const [found, watch] = await Promise.all([
    control.find('kms-key', seen.kmsKeyArn),
    control.find('key-watch', seen.kmsKeyArn),
  ]);
  if (!watch || watch.dueAt > clock.now()) return;
  const key = registered('kms-key', found, seen.kmsKeyArn);
  if (!isInUse(key)) return unlessMeanwhile(() => endWatch(key, watch, ports));

  const look = await lookAt(key, watch, ports);
  const { finding } = look;
  const trouble = troubleIn(finding);
  // What we cannot tell is no news: nobody else can tell it either.
  const isNews = trouble === undefined && !(isSame(finding, watch.verdict) && isNoticed(key, watch));
  const noticed = await noteLook(await remembered(watch, look, key, ports), finding, key, ports);
  const noted = await noteSafeguards(noticed, look.evidence?.guarded, key, ports);
  const now = clock.now();
  if (isNews && isUnanswered(watch, now)) return assessInstead(watch, ports);
  const isWell = finding.availability === 'available' && !isNews;
  // What tells nothing, or is back only just, is looked at again soon, unless looking is what KMS has too much of.
  const isUnhurried = isWell || (trouble === 'throttled' && watch.availability === 'available');
  const dueAt = nextLookAt(noted.watch, isUnhurried && watch.openIncidentId === undefined, now);
  const facts = isNews ? [signalOf(watch, finding, ports)] : [];
  const told = trouble === undefined ? withTold(noted.watch, isNews, now) : noted.watch;
  const row = { ...told, ...(isWell && { wellAt: now }), dueAt };
  const writes = [{ entityType: 'key-watch', row } as const, ...noted.writes];
  await unlessMeanwhile(() => control.commit({ writes, facts }));
}

const isUnanswered = ({ toldSince }: KeyWatch, now: string): boolean =>
  toldSince !== undefined && elapsedMs(toldSince, now) >= ANSWER_MS;

/** Of two that assess at the same time one commits, and the other finds that nothing is new. */
async function assessInstead({ kmsKeyArn, toldSince }: KeyWatch, ports: RunPorts): Promise<void> {
  ports.log.warn('nobody assessed the key: the probe does', { kmsKeyArn, toldSince });
  await ports.turn(2 * FULL_CALLS);
  await assessKey({ kmsKeyArn, signal: 'probe', signalledAt: toldSince ?? ports.clock.now() }, ports);
}

/** Since when somebody has told of the news that a look found. */
const withTold = ({ toldSince, ...watch }: KeyWatch, isNews: boolean, now: string): KeyWatch =>
  isNews ? { ...watch, toldSince: toldSince ?? now } : watch;

interface Look {
  readonly finding: Finding;
  /** Of a full look. */
  readonly evidence?: Evidence;
}

const SERVES: Finding = { availability: 'available', says: 'every use that we need was tried and works' };

/** Briefly while nothing is wrong; whatever that does not find in order, a full look tells at once. */
async function lookAt(key: KmsKey, watch: KeyWatch, ports: RunPorts): Promise<Look> {
  if (isBriefEnough(watch, ports.clock.now())) {
    await ports.turn(BRIEF_CALLS);
    if (await servesAsNeeded(key, watch, ports)) return { finding: SERVES };
  }
  await ports.turn(FULL_CALLS);
  const evidence = await observeKey(key, watch, ports);
  return { finding: findingOf(evidence), evidence };
}

/** The watch with what a full look is remembered by, of a key that unwraps. How often the customer was promised one is asked anew. */
async function remembered(
  watch: KeyWatch,
  { finding, evidence }: Look,
  key: KmsKey,
  ports: RunPorts,
): Promise<KeyWatch> {
  if (evidence?.unwrap !== 'ok') return watch;
  const { validTo, lost = [], keyMaterialId } = evidence;
  // What is lost now was granted before: that is how it is known that a grant is gone.
  const granted = (lost.length === 0 ? evidence.granted : watch.seenWell?.granted) ?? [];
  const [newestCanary, level] = await Promise.all([
    renewCanary(key, watch, keyMaterialId, ports),
    key.customerId === undefined ? undefined : ports.control.find('service-level', key.customerId),
  ]);
  const { probeEverySeconds: _before, ...kept } = watch;
  return {
    ...kept,
    ...(finding.availability === 'available' && { fullLookAt: ports.clock.now() }),
    seenWell: { granted, ...defined({ validTo }) },
    ...defined({ newestCanary, probeEverySeconds: level?.probeEverySeconds }),
  };
}

/** Where somebody assessed the key meanwhile, or moved it, it is still due: the next run looks again. */
async function unlessMeanwhile(commit: () => Promise<void>): Promise<void> {
  try {
    await commit();
  } catch (error) {
    if (!hasCode(error, 'state.changed-meanwhile')) throw error;
  }
}

const signalOf = (watch: KeyWatch, { says }: Finding, ports: ProbePorts) =>
  newFact(keySignalReceived, ports, {
    kmsKeyArn: watch.kmsKeyArn,
    signal: 'probe',
    observed: says,
    signalledAt: ports.clock.now(),
  });
