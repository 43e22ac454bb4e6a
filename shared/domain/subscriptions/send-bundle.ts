/** Sends entries of one bundle of the log, as many at a time as the destination takes, and sets aside what it never will. */
import type { Clock } from '../ports';
import { NOTES_MAX, noting, type Run } from './delivery-run';
import { passes, viewOf } from './entry-view';
import { deliveryOf } from './formats/formats';
import type { Delivery, DeliveryAddress, DestinationLimits, Destinations, Refusal } from './ports';
import { entriesFrom, type LogFiles } from './read-log';
import type { Subscription } from './subscription';

export interface SendPorts {
  readonly objects: LogFiles;
  readonly destinations: Destinations;
  readonly clock: Clock;
  /** Nothing is sent that has not begun by then. */
  readonly until: string;
}

/** Who says of an entry that it is wrong is asked again so often before it is set aside. */
const TRIES_OF_REFUSED = 3;
/** Set aside in a row, on the destination’s word alone, it is the destination that is wrong. */
const PARKED_IN_A_ROW_MAX = 3;

/**
 * Sends from the cursor on, to the end of its bundle, the end of the time, or what the destination refuses. Safe to repeat: the same
 * entries have the same ids.
 *
 * @throws KeywrightError `audit.not-written` (retry), `audit.contradicted`.
 */
export async function sendBundle(begun: Run, to: DeliveryAddress, ports: SendPorts): Promise<Run> {
  const { customerId, cursor, kind } = begun.row;
  const { objects, destinations, clock, until } = ports;
  const entries = await entriesFrom(customerId, cursor, begun.size, objects);
  const end = cursor + entries.length;
  const destination = destinations[kind];
  let run = begun;
  let isAlone = false;
  while (run.row.cursor < end && !run.refusal && run.notes.length < NOTES_MAX && clock.now() < until) {
    const limits = isAlone ? { ...destination.limits, deliveries: 1 } : destination.limits;
    const batch = nextBatch(run.row, entries, cursor, limits);
    if (batch.deliveries.length === 0) {
      run = passing(run, batch, clock.now());
      continue;
    }
    const { taken, refusal } = await destination.deliver(batch.deliveries, to);
    const at = clock.now();
    run = taking(run, batch, taken, at);
    const isWrong = refusal?.kind === 'refused' || refusal?.kind === 'unacceptable';
    // Which of them it is shows when the next one is sent alone.
    isAlone = isWrong && batch.deliveries.length > 1;
    if (taken < batch.deliveries.length && !isAlone) run = refusing(run, refusal ?? UNTOLD, at);
  }
  return run;
}

/** Of a destination that gave neither. */
export const UNTOLD: Refusal = { kind: 'later', reason: 'it did not say whether it was taken' };

/** What is sent together: nothing where the next entry is not for it, or is to be set aside. */
interface Batch {
  readonly deliveries: readonly Delivery[];
  /** The cursor once all of it is taken. */
  readonly next: number;
  /** Of the entry just before `next`: why it can never be sent. */
  readonly parked?: string;
}

function nextBatch(row: Subscription, entries: readonly Uint8Array[], first: number, limits: DestinationLimits): Batch {
  const deliveries: Delivery[] = [];
  let [next, bytes] = [row.cursor, 0];
  for (; next < first + entries.length && deliveries.length < limits.deliveries; next += 1) {
    const read = prepared(row, next, entries[next - first] ?? new Uint8Array(), limits);
    if (read === undefined) continue;
    if (typeof read === 'string')
      return deliveries.length > 0 ? { deliveries, next } : { deliveries, next: next + 1, parked: read };
    bytes += read.body.length;
    if (bytes > limits.bytes && deliveries.length > 0) break;
    deliveries.push(read);
  }
  return { deliveries, next };
}

/** @returns what is sent; undefined where the entry is not wanted; or why it cannot be sent. */
function prepared(
  row: Subscription,
  index: number,
  bytes: Uint8Array,
  { bodyBytes }: DestinationLimits,
): Delivery | string | undefined {
  const entry = viewOf(index, bytes);
  if (!entry) return 'it is no entry of a known form';
  // The log is the customer’s, by its signature: an entry that says otherwise leaves us for nobody.
  if (entry.customerId !== row.customerId) return 'it says that it is of another log';
  if (!passes(entry, row.filter)) return undefined;
  const delivery = deliveryOf(entry, row);
  if (delivery && delivery.body.length > bodyBytes)
    return `it has ${delivery.body.length} bytes, and the destination takes ${bodyBytes}`;
  return delivery;
}

function passing(run: Run, { next, parked }: Batch, at: string): Run {
  if (parked === undefined) return { ...run, row: { ...run.row, cursor: next } };
  const row = { ...run.row, cursor: next, parked: run.row.parked + 1 };
  return noting({ ...run, row }, { at, from: next - 1, to: next - 1, result: 'parked', reason: parked });
}

/** What was taken moves the cursor; all of it also past what follows and is not wanted. */
function taking(run: Run, { deliveries, next }: Batch, taken: number, at: string): Run {
  const cursor = deliveries[taken]?.index ?? next;
  if (taken === 0) return { ...run, row: { ...run.row, cursor } };
  const [from, to] = [deliveries[0]?.index ?? cursor, deliveries[taken - 1]?.index ?? cursor];
  const { failing: _failing, ...row } = run.row;
  const delivered = row.delivered + taken;
  const well = { ...row, cursor, delivered, lastDeliveredAt: at, failures: 0, parkedInARow: 0 };
  return noting({ ...run, row: well }, { at, from, to, result: 'taken' });
}

/** The entry at the cursor was not taken: it is set aside, or everything waits for it. */
function refusing(run: Run, refusal: Refusal, at: string): Run {
  const { row } = run;
  const { kind, reason } = refusal;
  const place = { at, from: row.cursor, to: row.cursor, reason };
  const isHopeless = kind === 'unacceptable' || (kind === 'refused' && row.failures + 1 >= TRIES_OF_REFUSED);
  if (!isHopeless || row.parkedInARow >= PARKED_IN_A_ROW_MAX)
    return { ...noting(run, { ...place, result: 'failed' }), refusal };
  const { failing: _failing, ...left } = row;
  const past = {
    ...left,
    cursor: row.cursor + 1,
    parked: row.parked + 1,
    parkedInARow: row.parkedInARow + 1,
    failures: 0,
  };
  return noting({ ...run, row: past }, { ...place, result: 'parked' });
}
