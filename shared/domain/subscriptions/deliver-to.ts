/**
 * Sends one subscription what it has not had, in the order of the log, and notes how far it came.
 *
 * A run has the subscription for itself by a lease in its row; what it sends it notes every few seconds. Dying on any line costs
 * entries that are sent twice, with the same ids, and nothing else.
 */

import type { Fact } from '../../../events/define-event';
import { deliveryDue } from '../../../events/delivery-due';
import { subscriptionChanged } from '../../../events/subscription-changed';
import type { SecretOpener } from '../availability/ports';
import { hasCode } from '../errors';
import { later } from '../instants';
import { transition } from '../legal-moves';
import { newFact } from '../outbox/new-fact';
import type { Clock, ControlStore, Ids, Log, Write } from '../ports';
import { committed } from '../rows';
import { NOTES_MAX, newRun, notesOf, noting, type Run } from './delivery-run';
import { noteDisabled } from './disabled-subscription';
import { testDelivery } from './formats/formats';
import type { DeliveryAddress, Destinations, Refusal } from './ports';
import { type LogFiles, publishedSize } from './read-log';
import { nextAttempt } from './retry-schedule';
import { sendBundle, UNTOLD } from './send-bundle';
import {
  isSending,
  SUBSCRIPTION_MOVES,
  type Subscription,
  type SubscriptionName,
  secretNameOf,
  subscriptionKey,
} from './subscription';

export interface DeliverPorts {
  readonly control: ControlStore;
  readonly objects: LogFiles;
  readonly destinations: Destinations;
  readonly secrets: SecretOpener;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** Nothing more is sent after that: the subscription is let go well before Lambda ends the function. */
const RUN_MS = 12_000;
/** Longer than any run: one that died is over by then. */
const LEASE_MS = 90_000;
/** A run notes how far it came at least so often. */
const NOTE_MS = 2_000;
/** Whoever has everything is looked after so often, should an event be lost. */
const IDLE_MS = 10 * 60_000;

/**
 * Safe to repeat, and to run twice at once: one of them has nothing to do. What the destination does is noted, and never thrown.
 *
 * @throws KeywrightError `store.unreachable`, `secret.not-opened`, `audit.not-written` (all retry), `audit.contradicted`.
 */
export async function deliverTo(which: SubscriptionName, ports: DeliverPorts): Promise<void> {
  const endsAt = later(ports.clock.now(), RUN_MS);
  try {
    let run = await begin(which, ports);
    // However fast the log grows, all of it ends by then: what is left is another run's.
    while (run) run = (await work(run, endsAt, ports)) ? await begin(which, ports) : undefined;
  } catch (error) {
    // Somebody changed it meanwhile: their change woke the next run.
    if (!hasCode(error, 'state.changed-meanwhile')) throw error;
  }
}

/** Takes the subscription for a run; undefined where there is nothing to do, or somebody else is at it. */
async function begin(which: SubscriptionName, ports: DeliverPorts): Promise<Run | undefined> {
  const { control, clock, objects } = ports;
  const row = await control.find('subscription', subscriptionKey(which));
  const now = clock.now();
  if (!row || !isSending(row) || (row.leasedUntil ?? '') > now) return undefined;
  // Of one that fails an event changes nothing: it is tried when it is due.
  if (row.failures > 0 && (row.dueAt ?? '') > now) return undefined;
  const size = await publishedSize(row.customerId, objects);
  const owesTest = row.state === 'testing' || row.test.endedAt === undefined;
  const isDue = (row.dueAt ?? now) <= now;
  if (!owesTest && size <= row.cursor && !isDue) return undefined;
  const until = later(now, LEASE_MS);
  const leased: Subscription = { ...row, leasedUntil: until, dueAt: until };
  await control.commit({ writes: [{ entityType: 'subscription', row: leased }], facts: [] });
  return newRun(committed(leased), size);
}

/** @returns whether more may have come while this run was ending. */
async function work(begun: Run, endsAt: string, ports: DeliverPorts): Promise<boolean> {
  const to = await addressOf(begun.row, ports);
  let run = await sendTest(begun, to, ports);
  let notedAt = ports.clock.now();
  while (!run.refusal && run.row.state === 'active' && run.row.cursor < run.size && ports.clock.now() < endsAt) {
    run = await sendOrNote(run, to, ports);
    if (run.refusal || (run.notes.length < NOTES_MAX && ports.clock.now() < later(notedAt, NOTE_MS))) continue;
    notedAt = ports.clock.now();
    run = await noteProgress(run, ports);
  }
  return end(run, ports);
}

/** A log that cannot be read on costs nothing of what was sent before: that is noted, so that nobody is sent it again and again. */
async function sendOrNote(run: Run, to: DeliveryAddress, ports: DeliverPorts): Promise<Run> {
  try {
    return await sendBundle(run, to, { ...ports, until: later(ports.clock.now(), NOTE_MS) });
  } catch (error) {
    await noteProgress(run, ports);
    throw error;
  }
}

async function sendTest(run: Run, to: DeliveryAddress, { destinations, clock }: DeliverPorts): Promise<Run> {
  const { row } = run;
  if (row.state !== 'testing' && row.test.endedAt !== undefined) return run;
  const { taken, refusal } = await destinations[row.kind].deliver([testDelivery(row)], to);
  const at = clock.now();
  const { failure: _failure, ...test } = row.test;
  if (taken === 1) {
    const passed = transition(SUBSCRIPTION_MOVES, row, { ...row, state: 'active', test: { ...test, endedAt: at } });
    return noting({ ...run, row: passed }, { at, result: 'taken' });
  }
  const { reason } = refusal ?? UNTOLD;
  const failed = { ...row, test: { ...test, endedAt: at, failure: reason } };
  return { ...noting({ ...run, row: failed }, { at, result: 'failed', reason }), refusal: refusal ?? UNTOLD };
}

/** Keeps the lease. */
async function noteProgress(run: Run, ports: DeliverPorts): Promise<Run> {
  await commit(run, run.row, [], ports);
  return { ...run, row: committed(run.row), notes: [] };
}

/** Lets the subscription go, due again when there is a reason. */
async function end(run: Run, ports: DeliverPorts): Promise<boolean> {
  const { leasedUntil: _lease, ...row } = run.row;
  const now = ports.clock.now();
  if (run.refusal) {
    const { after, facts } = failedBy(run.refusal, row, now, ports);
    await commit(run, after, facts, ports, await noteDisabled(after, now, ports));
    return false;
  }
  const { failing: _failing, ...well } = row;
  const hasMore = row.cursor < run.size;
  const { customerId, name: subscription } = row;
  const facts = hasMore ? [newFact(deliveryDue, ports, { customerId, subscription })] : [];
  const dueAt = hasMore ? now : later(now, IDLE_MS);
  await commit(run, { ...well, failures: 0, dueAt }, facts, ports);
  // Whoever was turned away by the lease had published before it ended: what they told of is seen now.
  return !hasMore && (await publishedSize(customerId, ports.objects)) > row.cursor;
}

/** One that is gone, or took nothing for as long as the schedule goes, is given up, and its owner is told by their stream. */
function failedBy({ kind, reason, retryAfterMs }: Refusal, row: Subscription, now: string, ports: DeliverPorts) {
  const failures = row.failures + 1;
  const failing = { since: row.failing?.since ?? now, reason };
  const next = kind === 'gone' ? undefined : nextAttempt(failures, subscriptionKey(row), now, retryAfterMs);
  if (next !== undefined) return { after: { ...row, failures, failing, dueAt: next }, facts: [] };
  const { dueAt: _due, ...still } = row;
  const { customerId, name: subscription } = row;
  const told = { customerId, subscription, kind: row.kind, change: 'disabled' as const, reason };
  const after = transition<Subscription>(SUBSCRIPTION_MOVES, row, { ...still, state: 'disabled', failures, failing });
  return { after, facts: [newFact(subscriptionChanged, ports, told)] };
}

async function commit(
  run: Run,
  row: Subscription,
  facts: readonly Fact[],
  { control }: DeliverPorts,
  more: readonly Write[] = [],
): Promise<void> {
  const notes = await notesOf(run, control);
  await control.commit({ writes: [{ entityType: 'subscription', row }, ...notes, ...more], facts });
}

async function addressOf(row: Subscription, { secrets, clock }: DeliverPorts): Promise<DeliveryAddress> {
  const { customerId, target, signing, secret, formerSecret } = row;
  const name = secretNameOf(row);
  const isValid = formerSecret !== undefined && formerSecret.until > clock.now();
  const sealed = [...(secret ? [secret] : []), ...(isValid ? [formerSecret.sealed] : [])];
  const opened = await Promise.all(sealed.map((one) => secrets.open(one, name)));
  return { customerId, target, secrets: opened, ...(signing && { signing }) };
}
