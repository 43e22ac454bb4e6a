/** What a destination received, held against the customer's signed log. */
import { membersOf } from '../../../shared/domain/audit/raw-json';
import type { EntryFormat } from '../../../shared/domain/subscriptions/subscription';

interface Comparison {
  /** Of a body: what has to stand in the log as it is. */
  received(body: string): string | undefined;
  /** Of an entry: what has to arrive; undefined where the format leaves it out. */
  logged(entry: string): string | undefined;
}

const COMPARISONS: Readonly<Record<EntryFormat, Comparison>> = {
  cloudevents: { received: (body) => membersOf(body).get('data')?.text, logged: (entry) => entry },
  ocsf: { received: (body) => JSON.parse(body).raw_data, logged: (entry) => entry },
  cloudtrail: { received: (body) => body, logged: (entry) => membersOf(entry).get('record')?.text },
};

export interface Compared {
  /** Of the log, each counted once. */
  readonly entries: number;
  /** Every one that was owed is there, byte for byte, and nothing that the log does not have. */
  readonly isWhole: boolean;
}

/**
 * @param bodies What came, tests among them, in any order and more than once.
 * @param log All entries, in order. @param owed The first so many of them must have come; later ones may.
 */
export function compared(
  format: EntryFormat,
  bodies: readonly string[],
  log: readonly string[],
  owed: number,
): Compared {
  const { received, logged } = COMPARISONS[format];
  const came = new Set(bodies.map((body) => received(body) ?? body).filter((part) => !isTest(part)));
  const expected = log.map(logged);
  const known = new Set(expected);
  const isThere = expected.slice(0, owed).every((part) => part === undefined || came.has(part));
  return { entries: came.size, isWhole: came.size > 0 && isThere && [...came].every((part) => known.has(part)) };
}

/** A test is the only thing that is of no log. */
const isTest = (part: string) => JSON.parse(part).operation === 'subscription-test';
