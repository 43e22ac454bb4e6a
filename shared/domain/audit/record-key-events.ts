/**
 * record-key-events: what happened to customers' keys, on its way into their audit streams, and the signals in it.
 *
 * Each event ends as recorded, as ignored with a reason, or as failed: the counts balance. Signals are committed before
 * entries are sent: a page never waits for an audit stream. How often keys encrypted is counted last, and nothing waits
 * for that.
 */

import { isObject } from '../../../events/cloudtrail-shape';
import { type PutOffPorts, putOffLook } from '../availability/put-off-look';
import { raiseSignal } from '../availability/raise-signal';
import { beat } from '../availability/self-watch/beat';
import { noteForwarded } from '../availability/self-watch/note-forwarded';
import { noteIgnored } from '../availability/self-watch/note-ignored';
import { KeywrightError } from '../errors';
import { faultOfOthers } from '../keys/believed-account';
import type { Clock, ControlStore, Log } from '../ports';
import { type NotePorts, noteBlockedUse, noteUsed } from '../retirement/note-uses';
import { countUses, type KeyUses } from '../rotation/trigger-rotation';
import { packed, type Sourced } from './audit-messages';
import { heardAccounts } from './heard-accounts';
import { ignoredSenders } from './ignored-senders';
import type { AuditQueue } from './log/ports';
import { type EventEffects, NOTHING, type ReadPorts, readKeyEvent } from './read-key-event';
import type { Ignored } from './steps/key-event';
import type { ReceivedEvent } from './steps/parse-event';

export interface RecordPorts extends ReadPorts, NotePorts, PutOffPorts {
  readonly control: ControlStore;
  readonly queue: AuditQueue;
  readonly uses: KeyUses;
  readonly clock: Clock;
  readonly log: Log;
}

export type Outcome =
  | { readonly outcome: 'recorded'; readonly customerIds: readonly string[] }
  | { readonly outcome: 'ignored'; readonly reason: string }
  /** A `ContractViolation`, or an error whose `retry` says whether to try again. */
  | { readonly outcome: 'failed'; readonly error: unknown };

interface Failed {
  readonly error: unknown;
}

/**
 * Records a batch of EventBridge events.
 *
 * Safe to repeat: streams and outbox take each event once.
 *
 * @returns an outcome for each event, in their order.
 */
export async function recordKeyEvents(
  events: readonly ReceivedEvent[],
  ports: RecordPorts,
): Promise<readonly Outcome[]> {
  const answers = await Promise.all(events.map((event) => answerTo(event, ports)));
  const failures = new Map([
    ...(await commitSignals(answers, ports)),
    ...(await sendEntries(answers, ports.queue)),
    ...(await noteRetirees(answers, ports)),
  ]);
  // Events that failed come again, and are counted then.
  await countUses(
    answers.flatMap((answer, at) => (failures.has(at) ? [] : effectsOf(answer).uses)),
    ports,
  );
  await putOffLooks(answers, ports);
  const outcomes = answers.map((answer, at) => outcomeOf(failures.get(at) ?? answer));
  await noteAlive(events, outcomes, ports);
  return outcomes;
}

/** That we work, that accounts of customers reach us, and whose events were left out. It never throws: what was recorded is recorded. */
async function noteAlive(
  events: readonly ReceivedEvent[],
  outcomes: readonly Outcome[],
  ports: RecordPorts,
): Promise<void> {
  if (outcomes.every(({ outcome }) => outcome === 'failed')) return;
  const recorded = outcomes.map((one, at) => ({
    event: events[at]?.value,
    customerIds: one.outcome === 'recorded' ? one.customerIds : [],
  }));
  const ignored = outcomes.flatMap((one, at) =>
    one.outcome === 'ignored' ? [{ event: events[at]?.value, reason: one.reason }] : [],
  );
  const heard = await failing(() => heardAccounts(recorded, ports.ownAccountId, ports.customers));
  if ('error' in heard) return ports.log.warn('who forwards is not noted', { reason: String(heard.error) });
  await Promise.all([
    beat('record-key-events', ports),
    ...heard.map((one) => noteForwarded(one, ports)),
    ...ignoredSenders(ignored, ports.ownAccountId, heard).map((one) => noteIgnored(one, ports)),
  ]);
}

/** What another account sends that is no record is ignored: see `faultOfOthers`. */
async function answerTo(event: ReceivedEvent, ports: RecordPorts): Promise<EventEffects | Ignored | Failed> {
  const answer = await failing(() => readKeyEvent(event, ports));
  const account = isObject(event.value) ? event.value['account'] : undefined;
  const ignored = 'error' in answer ? faultOfOthers(answer.error, account, ports.ownAccountId) : undefined;
  return ignored === undefined ? answer : { ignored };
}

async function failing<Answer>(run: () => Promise<Answer>): Promise<Answer | Failed> {
  try {
    return await run();
  } catch (error) {
    return { error };
  }
}

function outcomeOf(answer: EventEffects | Ignored | Failed): Outcome {
  if ('error' in answer) return { outcome: 'failed', error: answer.error };
  if ('ignored' in answer) return { outcome: 'ignored', reason: answer.ignored };
  return { outcome: 'recorded', customerIds: answer.entries.map(({ customerId }) => customerId) };
}

type Failures = ReadonlyMap<number, Failed>;
const effectsOf = (answer: EventEffects | Ignored | Failed): EventEffects => ('entries' in answer ? answer : NOTHING);

/** One signal a key, kind, change and author is enough in a batch: each makes somebody look, however many there are. */
async function commitSignals(
  answers: readonly (EventEffects | Ignored | Failed)[],
  ports: RecordPorts,
): Promise<Failures> {
  const failures = new Map<number, Failed>();
  const noted = new Set<string>();
  for (const [at, answer] of answers.entries()) {
    for (const signal of effectsOf(answer).signals) {
      const name = [signal.kmsKeyArn, signal.signal, signal.change, signal.act?.by].join();
      if (noted.has(name)) continue;
      const done = await failing(() => raiseSignal(signal, ports));
      if (done !== undefined) failures.set(at, done);
      else noted.add(name);
    }
  }
  return failures;
}

/** What retirement asks: when a key was used last, and whether one that was disabled is missed. */
async function noteRetirees(
  answers: readonly (EventEffects | Ignored | Failed)[],
  ports: NotePorts,
): Promise<Failures> {
  const failures = new Map<number, Failed>();
  for (const [at, answer] of answers.entries()) {
    const { used, blocked } = effectsOf(answer);
    const noting = async () => {
      for (const key of used) await noteUsed(key, ports);
      for (const key of blocked) await noteBlockedUse(key, ports);
    };
    const done = await failing(noting);
    if (done !== undefined) failures.set(at, done);
  }
  return failures;
}

/** A look that is not put off is made: nobody waits for it, and nothing fails by it. */
async function putOffLooks(answers: readonly (EventEffects | Ignored | Failed)[], ports: RecordPorts): Promise<void> {
  for (const use of answers.flatMap((answer) => effectsOf(answer).served)) {
    const failed = await failing(() => putOffLook(use, ports));
    if (failed) ports.log.info('a look was not put off', { kmsKeyArn: use.kmsKeyArn, reason: String(failed.error) });
  }
}

async function sendEntries(
  answers: readonly (EventEffects | Ignored | Failed)[],
  queue: AuditQueue,
): Promise<Failures> {
  const entries: readonly Sourced[] = answers.flatMap((answer, event) =>
    effectsOf(answer).entries.map((entry) => ({ event, entry })),
  );
  const messages = packed(entries);
  if (messages.length === 0) return new Map();
  const refused = await queue.send(messages.map(({ message }) => message));
  const error = new KeywrightError('queue.not-sent', 'The queue of the audit log did not take a message. Try again.');
  return new Map(
    [...refused].flatMap((at) => (messages[at]?.events ?? []).map((event) => [event, { error }] as const)),
  );
}
