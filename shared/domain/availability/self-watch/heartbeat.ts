/** When a function last did its work: what a dead-man switch looks at. */

/** Whoever looks for silence: an alarm hears its own. */
export const OURSELVES = 'watch-ourselves';

/** Functions whose silence is trouble of our own; of one that works in parts each part, since each may die alone. */
export const BEATING = [
  'probe-keys/0',
  'probe-keys/1',
  'probe-keys/2',
  'probe-keys/3',
  'page-oncall',
  'republish-facts',
  'relay-facts',
  'record-key-events',
  'reconcile-keys',
  'reconcile-trail',
] as const;
export type Beating = (typeof BEATING)[number] | typeof OURSELVES;

/** The function whose heartbeat it is. */
export type BeatingFunction = (typeof BEATING)[number] extends infer Name
  ? Name extends `${infer Whole}/${string}`
    ? Whole
    : Name
  : never;

/** The heartbeats of a function. @param part The one of that part; all of them where none is named. */
export const beatsOf = (name: BeatingFunction, part?: number): readonly Beating[] =>
  BEATING.filter(
    (one) => one === name || (part === undefined ? one.startsWith(`${name}/`) : one === `${name}/${part}`),
  );

/** One row a function, or a part of one. */
export interface Heartbeat {
  readonly name: Beating;
  readonly lastAt: string;
  /** Since when part of each run fails; absent while all of it works. */
  readonly failingSince?: string;
  readonly revision: number;
}
