/** What the first incident of a storm knows of the others. */

/** What a leader knows of its members. The count never falls. */
export interface Members {
  readonly count: number;
  /** The keys of the first. */
  readonly kmsKeyArns: readonly string[];
  /** How many there were when on-call was told, each time. */
  readonly pagedCounts: readonly number[];
  /** Since when on-call has been owed a word about how many there are. Absent of what an older build counted. */
  readonly grownAt?: string;
}

/** How often more the storm has to be than when on-call was told of it, to be told once more. */
const TOLD_AGAIN_AT = 10;

/** Whether on-call is to be told that it is a storm: once, and once more when it is ten times as large. */
export function isGrowthOwed(members: Members | undefined): members is Members {
  if (!members || members.count === 0) return false;
  const [first, second] = members.pagedCounts;
  return first === undefined || (second === undefined && members.count >= TOLD_AGAIN_AT * first);
}
