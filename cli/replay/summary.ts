/** What came of a replay: `summary.json`, and the counts it is made from. */
import type { LeftOut, LeftOutKind } from './left-out';

export interface ReplaySummary {
  /** Files read, rejected ones included, digests and hidden files not. */
  readonly files: number;
  /** Sound CloudTrail records: those of KMS, and those that are skipped. */
  readonly records: number;
  /** Those of KMS: attributed, unattributed and duplicates together. */
  readonly kmsRecords: number;
  /** Records that are in a customer's stream, whether they were written now or found there. */
  readonly attributed: number;
  /** Records that are no customer's: they are in the operator's stream. */
  readonly unattributed: number;
  /** Further copies in this input of an event already taken. */
  readonly duplicates: number;
  readonly rejected: readonly Rejected[];
  /** What is sound and concerns no key, by kind; absent where there is nothing such. */
  readonly skipped?: readonly LeftOut[];
  /** The operator's stream; absent where nothing was ever nobody's. */
  readonly operator?: CustomerSummary;
  readonly customers: Readonly<Record<string, CustomerSummary>>;
}

export interface Rejected {
  readonly file: string;
  /** Which value of the file, counted from 0. */
  readonly index: number;
  readonly reason: string;
}

export interface CustomerSummary {
  /** Entries that this input gives the customer. */
  readonly entries: number;
  /** Entries in the stream, earlier replays included. */
  readonly treeSize: number;
  /** Base64, as in the checkpoint. */
  readonly rootHash: string;
}

export interface Counts {
  files: number;
  records: number;
  kmsRecords: number;
  attributed: number;
  unattributed: number;
  duplicates: number;
  readonly rejected: Rejected[];
  readonly leftOut: Map<LeftOutKind, number>;
  readonly entries: Map<string, number>;
}

export function newCounts(): Counts {
  return {
    files: 0,
    records: 0,
    kmsRecords: 0,
    attributed: 0,
    unattributed: 0,
    duplicates: 0,
    rejected: [],
    leftOut: new Map(),
    entries: new Map(),
  };
}
