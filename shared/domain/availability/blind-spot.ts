/** A KMS key that our looks tell nothing about: since when, how often they did not, and what keeps us from seeing. */
import type { Trouble } from './incidents/trouble';

/** One row a key that was ever out of sight. Due, from the moment it was, for as long as it is: the longest is found first. */
export interface BlindSpot {
  readonly kmsKeyArn: string;
  readonly trouble: Trouble;
  /** What has the trouble. */
  readonly subject: string;
  /** What the last look found, in a sentence for a person. */
  readonly evidence: string;
  readonly since: string;
  /** Looks since then that told nothing. */
  readonly looks: number;
  /** The same as `since`; absent once a look told something. */
  readonly dueAt?: string;
  readonly revision: number;
}
