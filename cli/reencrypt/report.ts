/** Jobs as a person reads them. */
import { utc } from '../../shared/domain/instants';
import type { RequestedReencryption } from '../../shared/domain/reencryption/request-reencryption';
import { printable } from '../output/printable-text';
import { grouped, table } from '../output/table';
import { wrapped } from '../output/wrapped';
import type { Requested, StartedAll } from './start-jobs';

/** What the API says of a job. */
export interface Status {
  readonly jobId: string;
  readonly state: string;
  readonly priority?: string;
  readonly waitsUntil?: string;
  readonly parkedBy?: string;
  readonly pausedBy?: string;
  readonly expected?: number;
  readonly reencrypted: number;
  readonly quarantined: number;
  readonly perSecond?: number;
  readonly secondsLeft?: number;
}

export interface Inventories {
  readonly parts: readonly Inventory[];
}

type Inventory = Pick<RequestedReencryption, 'kmsKeyArn' | 'only' | 'inventory'>;

export function showJob(job: Status): string {
  const of = job.expected === undefined ? '' : ` of about ${grouped(job.expected)}`;
  return [
    `Job ${job.jobId}: ${job.state}${job.priority === undefined ? '' : `, priority ${job.priority}`}`,
    `${grouped(job.reencrypted)}${of} data keys re-encrypted, ${grouped(job.quarantined)} quarantined`,
    ...(job.perSecond === undefined ? [] : [paceOf(job.perSecond, job.secondsLeft)]),
    ...(job.waitsUntil === undefined ? [] : [`Waits for its window, which opens at ${utc(job.waitsUntil)}`]),
    ...(job.parkedBy === undefined ? [] : [wrapped(printable(`Waits because of ${job.parkedBy}`))]),
    ...(job.pausedBy === undefined
      ? []
      : [wrapped(printable(`Paused by ${job.pausedBy}. Let it go on:`)), `  keywright reencrypt resume ${job.jobId}`]),
  ].join('\n');
}

const COLUMNS = [
  { title: 'job' },
  { title: 'state' },
  { title: 'priority' },
  { title: 're-encrypted', align: 'right' },
  { title: 'quarantined', align: 'right' },
] as const;

export function showJobs(jobs: readonly Status[]): string {
  if (jobs.length === 0) return 'No job. One begins with each rotation whose policy re-encrypts.';
  return table(
    COLUMNS,
    jobs.map(({ jobId, state, priority = 'routine', reencrypted, quarantined }) => [
      jobId,
      state,
      priority,
      reencrypted,
      quarantined,
    ]),
  );
}

function paceOf(perSecond: number, secondsLeft?: number): string {
  const left = secondsLeft === undefined ? '' : `, about ${grouped(Math.ceil(secondsLeft / 60))} min left`;
  return `${grouped(Math.round(perSecond))} a second${left}`;
}

export function showRequested({ jobs }: Requested, dryRun = false): string {
  return jobs.map((job) => `${showInventory(job)}\n\n${outcomeOf(job, dryRun)}`).join('\n\n');
}

export function showStartedAll({ keys, jobs, refused }: StartedAll, dryRun = false): string {
  const toMove = jobs.reduce((sum, job) => sum + job.toMove, 0);
  const what = `${grouped(toMove)} data keys under ${grouped(jobs.length)} of ${grouped(keys)} keys`;
  return [
    dryRun ? `Would move ${what}. Nothing was touched.` : `Jobs move ${what}.`,
    ...refused.map(({ reason }) => wrapped(printable(reason), 'Not started: ')),
  ].join('\n');
}

function outcomeOf({ jobId, kmsKeyArn, only, toKmsKeyArn, toMove }: RequestedReencryption, dryRun: boolean): string {
  const target = toKmsKeyArn === kmsKeyArn ? 'its newest material' : toKmsKeyArn;
  const upTo = only.wrappedBefore === undefined ? '' : 'up to ';
  const what = `${upTo}${grouped(toMove)} data keys of ${kmsKeyArn} to ${target}`;
  if (jobId !== undefined)
    return `${wrapped(`Job ${jobId} moves ${what}.`)}\nFollow it: keywright reencrypt watch ${jobId}`;
  return dryRun ? wrapped(`Would move ${what}. Nothing was touched.`) : 'Nothing is left to move there.';
}

const CENSUS_COLUMNS = [{ title: 'key material' }, { title: '' }, { title: 'data keys', align: 'right' }] as const;

export function showInventory({ kmsKeyArn, only: { within }, inventory }: Inventory): string {
  const rows = inventory.map(({ keyMaterialId, isNewest, dataKeys }) => [
    keyMaterialId,
    isNewest ? 'newest' : '',
    dataKeys,
  ]);
  const where = within === undefined ? '' : `${within.customerId}/${within.dataStoreId} under `;
  return `${where}${kmsKeyArn}\n${table(CENSUS_COLUMNS, rows)}`;
}
