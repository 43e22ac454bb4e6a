/** Who gets how much of what is left over: by priority, then fairly between jobs, then between the workers of a job. */
import { type Lease, PRIORITIES } from './kms-quota';

export type Claim = Pick<Lease, 'workerId' | 'jobId' | 'priority' | 'wanted'>;

/**
 * Less than this, a second, is no use to a worker: a batch would keep it from others for more than five seconds. Where there
 * is too little for all, some get it and the others nothing.
 */
export const WORTH_PER_SECOND = 20;

/** What each lower priority gets of what is there although a higher one could use it all: slow is not starved. */
const FLOOR = 0.02;

/**
 * @returns for each claim, in their order, what it gets: never more than it wants, and together never more than `total`.
 */
export function allocate(total: number, claims: readonly Claim[]): readonly number[] {
  const classes = PRIORITIES.map((priority) => claims.filter((claim) => claim.priority === priority));
  const floors = classes.map((members, rank) => (rank === 0 ? 0 : Math.min(total * FLOOR, wantedBy(members))));
  const given = new Map<Claim, number>();
  let left = total;
  classes.forEach((members, rank) => {
    const keptBack = sum(floors.slice(rank + 1));
    const forClass = Math.min(Math.max(0, left - keptBack), wantedBy(members));
    left -= forClass;
    betweenJobs(forClass, members, given);
  });
  return claims.map((claim) => given.get(claim) ?? 0);
}

function betweenJobs(total: number, claims: readonly Claim[], given: Map<Claim, number>): void {
  const jobs = [...new Set(claims.map(({ jobId }) => jobId))].map((id) => claims.filter(({ jobId }) => jobId === id));
  const forJobs = fairly(total, jobs.map(wantedBy));
  for (const [job, workers] of jobs.entries()) betweenWorkers(forJobs[job] ?? 0, workers, given);
}

function betweenWorkers(total: number, claims: readonly Claim[], given: Map<Claim, number>): void {
  const inOrder = [...claims].sort((one, other) => (one.workerId < other.workerId ? -1 : 1));
  const served = inOrder.slice(0, Math.floor(total / WORTH_PER_SECOND));
  const wants = served.map(({ wanted }) => wanted);
  for (const [at, part] of fairly(total, wants).entries()) {
    const claim = served[at];
    if (claim) given.set(claim, part);
  }
}

/** Everybody the same, and what somebody does not want is divided again among the others. */
export function fairly(total: number, wants: readonly number[]): readonly number[] {
  const given = wants.map(() => 0);
  let left = total;
  [...wants.keys()]
    .sort((one, other) => (wants[one] ?? 0) - (wants[other] ?? 0))
    .forEach((at, served) => {
      const part = Math.min(wants[at] ?? 0, left / (wants.length - served));
      given[at] = part;
      left -= part;
    });
  return given;
}

const wantedBy = (claims: readonly Claim[]) => sum(claims.map(({ wanted }) => wanted));
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
