/** Jobs as a person reads them. */
import type { CensusLine } from '../../shared/domain/reencrypt-data-keys/census';
import type { RequestedReencryption } from '../../shared/domain/reencrypt-data-keys/request-reencryption';
import { grouped, table } from '../output/table';

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
  readonly setAside: number;
  readonly perSecond?: number;
  readonly secondsLeft?: number;
}

export interface Census {
  readonly kmsKeyArn: string;
  readonly census: readonly CensusLine[];
}

export function showJob(job: Status): string {
  const of = job.expected === undefined ? '' : ` of about ${grouped(job.expected)}`;
  return [
    `Job ${job.jobId}: ${job.state}${job.priority === undefined ? '' : `, priority ${job.priority}`}`,
    `${grouped(job.reencrypted)}${of} data keys re-encrypted, ${grouped(job.setAside)} set aside`,
    ...(job.perSecond === undefined ? [] : [paceOf(job.perSecond, job.secondsLeft)]),
    ...(job.waitsUntil === undefined ? [] : [`Waits for its window, which opens at ${job.waitsUntil}`]),
    ...(job.parkedBy === undefined ? [] : [`Waits because of ${job.parkedBy}`]),
    ...(job.pausedBy === undefined
      ? []
      : [`Paused by ${job.pausedBy}. Let it go on: keywright reencrypt resume ${job.jobId}`]),
  ].join('\n');
}

const COLUMNS = [
  { title: 'job' },
  { title: 'state' },
  { title: 'priority' },
  { title: 're-encrypted', align: 'right' },
  { title: 'set aside', align: 'right' },
] as const;

export function showJobs(jobs: readonly Status[]): string {
  if (jobs.length === 0) return 'No job. One begins with each rotation whose policy re-encrypts.';
  return table(
    COLUMNS,
    jobs.map(({ jobId, state, priority = 'routine', reencrypted, setAside }) => [
      jobId,
      state,
      priority,
      reencrypted,
      setAside,
    ]),
  );
}

function paceOf(perSecond: number, secondsLeft?: number): string {
  const left = secondsLeft === undefined ? '' : `, about ${grouped(Math.ceil(secondsLeft / 60))} min left`;
  return `${grouped(Math.round(perSecond))} a second${left}`;
}

export function showRequested({ jobId, kmsKeyArn, toKmsKeyArn, toMove, census }: RequestedReencryption): string {
  const target = toKmsKeyArn === kmsKeyArn ? 'its newest material' : toKmsKeyArn;
  const what = `${grouped(toMove)} data keys of ${kmsKeyArn} to ${target}`;
  const then =
    jobId === undefined
      ? `Would move ${what}. Nothing was touched.`
      : `Job ${jobId} moves ${what}.\nFollow it: keywright reencrypt watch ${jobId}`;
  return `${showCensus({ kmsKeyArn, census })}\n\n${then}`;
}

const CENSUS_COLUMNS = [{ title: 'key material' }, { title: '' }, { title: 'data keys', align: 'right' }] as const;

export function showCensus({ kmsKeyArn, census }: Census): string {
  const rows = census.map(({ keyMaterialId, isNewest, dataKeys }) => [
    keyMaterialId,
    isNewest ? 'newest' : '',
    dataKeys,
  ]);
  return `${kmsKeyArn}\n${table(CENSUS_COLUMNS, rows)}`;
}
