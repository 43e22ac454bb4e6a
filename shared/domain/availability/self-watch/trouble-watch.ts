/** What we know of one trouble of ours at one place: whether an incident is open about it, and since when it is not found any more. */
import type { Trouble } from '../incidents/trouble';

/** One row a trouble and what has it; due while an incident is open about it. */
export interface TroubleWatch {
  readonly trouble: Trouble;
  readonly subject: string;
  readonly openIncidentId?: string;
  /** Since when it was found no more, while the incident is still open. */
  readonly quietSince?: string;
  /** When the incident opened; absent while none is. */
  readonly dueAt?: string;
  readonly revision: number;
}

/** A trouble as it is found now. */
export interface FoundTrouble {
  readonly trouble: Trouble;
  /** What has it: a region, an account, a channel or a function. */
  readonly subject: string;
  readonly evidence: string;
  readonly since: string;
  /** The first of the KMS keys that we cannot see because of it, and how many there are. */
  readonly kmsKeyArns?: readonly string[];
  readonly keyCount?: number;
}

/** The id of the row: one a trouble and subject. */
export const troubleWatchId = ({ trouble, subject }: Pick<TroubleWatch, 'trouble' | 'subject'>): string =>
  `${trouble}/${subject}`;
