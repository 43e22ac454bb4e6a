/** When a function last did its work: what a dead-man switch looks at. */

/** Functions whose silence is trouble of our own. */
export const BEATING = ['probe-keys', 'page-oncall', 'republish-facts', 'relay-facts', 'record-key-events'] as const;
export type Beating = (typeof BEATING)[number];

/** One row a function. */
export interface Heartbeat {
  readonly name: Beating;
  readonly lastAt: string;
  /** Since when part of each run fails; absent while all of it works. */
  readonly failingSince?: string;
  readonly revision: number;
}
