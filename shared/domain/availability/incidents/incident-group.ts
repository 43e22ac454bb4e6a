/** Incidents of one owner and cause that open one after the other: a storm. The first leads and is paged; the others are part of it. */
import type { KeyIncident } from './incident';
import { isGrowthOwed } from './members';

/** One row an owner and cause: the incident that leads at present. Written when one begins to lead, and by nobody who joins. */
export interface IncidentGroup {
  readonly groupId: string;
  readonly leaderId: string;
  /** When one last joined, to a minute. */
  readonly lastJoinedAt: string;
  readonly revision: number;
}

/** So many keys of its members the leader names. */
const NAMED_MAX = 50;

/** The leader with the members that there are now; undefined where it knows all of them. */
export function withMembers(
  leader: KeyIncident,
  members: readonly KeyIncident[],
  now: string,
): KeyIncident | undefined {
  const { count = 0, kmsKeyArns = [], pagedCounts = [] } = leader.members ?? {};
  const known = new Set(kmsKeyArns);
  const others = members.map(({ kmsKeyArn }) => kmsKeyArn).filter((arn) => !known.has(arn));
  const all = Math.max(count, members.length, Math.min(kmsKeyArns.length + others.length, NAMED_MAX));
  if (all === count) return undefined;
  const named = [...kmsKeyArns, ...others].slice(0, NAMED_MAX);
  // What has been owed for longer is owed since then.
  const owedAt = isGrowthOwed(leader.members) ? leader.members?.grownAt : now;
  return {
    ...leader,
    members: { count: all, kmsKeyArns: named, pagedCounts, ...(owedAt !== undefined && { grownAt: owedAt }) },
  };
}
