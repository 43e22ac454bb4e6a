/** What a run of a subscription came to so far, and how it is noted. */
import { elapsedMs, later } from '../instants';
import type { ControlStore, Write } from '../ports';
import type { Refusal } from './ports';
import { type Attempt, type DeliveryLog, parkedKey, type Subscription, subscriptionKey } from './subscription';

export interface Run {
  /** As it is to be noted. */
  readonly row: Subscription;
  /** Entries of the log, as the checkpoint that was read says. */
  readonly size: number;
  /** What was tried since the last time it was noted. */
  readonly notes: readonly Attempt[];
  /** The destination took no more. */
  readonly refusal?: Refusal;
}

/** Of notes that are kept together: what was set aside is a row each, and a transaction takes 90. */
export const NOTES_MAX = 50;

/** The log of attempts holds the last of them. */
const ATTEMPTS_MAX = 100;
const KEPT_MS = 90 * 86_400_000;

/** A run that begins. */
export const newRun = (row: Subscription, size: number): Run => ({ row, size, notes: [] });

/** The run with one attempt more. What follows what was taken before it is one attempt with it. */
export function noting(run: Run, attempt: Attempt): Run {
  const last = run.notes.at(-1);
  const follows =
    attempt.result === 'taken' && last?.result === 'taken' && last.to !== undefined && last.to + 1 === attempt.from;
  if (!follows) return { ...run, notes: [...run.notes, attempt] };
  return {
    ...run,
    notes: [...run.notes.slice(0, -1), { ...last, ...(attempt.to !== undefined && { to: attempt.to }) }],
  };
}

/** What is written besides the subscription: the last attempts, and the entries that were set aside. */
export async function notesOf({ row, notes }: Run, control: Pick<ControlStore, 'find'>): Promise<readonly Write[]> {
  if (notes.length === 0) return [];
  const { customerId, name } = row;
  const before = await control.find('delivery-log', subscriptionKey(row));
  const log: DeliveryLog = {
    customerId,
    name,
    attempts: [...(before?.attempts ?? []), ...notes].slice(-ATTEMPTS_MAX),
    expiresAt: expiryOf(notes),
    revision: before?.revision ?? 0,
  };
  const parked = notes.flatMap(({ result, from, at, reason = '' }) =>
    result === 'parked' && from !== undefined ? [{ customerId, name, index: from, at, reason }] : [],
  );
  const rows = await Promise.all(
    parked.map(async (entry): Promise<Write> => {
      const known = await control.find('parked-entry', parkedKey(entry));
      return {
        entityType: 'parked-entry',
        row: { ...entry, expiresAt: log.expiresAt, revision: known?.revision ?? 0 },
      };
    }),
  );
  return [{ entityType: 'delivery-log', row: log }, ...rows];
}

/** Epoch seconds. */
const expiryOf = (notes: readonly Attempt[]): number => {
  const last = notes.at(-1)?.at ?? '';
  return Math.ceil(elapsedMs('1970-01-01T00:00:00.000Z', later(last, KEPT_MS)) / 1_000);
};
