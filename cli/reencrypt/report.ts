/** Jobs as a person reads them. */
import { grouped, table } from '../output/table';

/** What the API says of a job. */
export interface Status {
  readonly jobId: string;
  readonly state: string;
  readonly parkedBy?: string;
  readonly expected?: number;
  readonly reencrypted: number;
  readonly setAside: number;
}

export function showJob(job: Status): string {
  const of = job.expected === undefined ? '' : ` of about ${grouped(job.expected)}`;
  return [
    `Job ${job.jobId}: ${job.state}`,
    `${grouped(job.reencrypted)}${of} data keys re-encrypted, ${grouped(job.setAside)} set aside`,
    ...(job.parkedBy === undefined ? [] : [`Waits because of ${job.parkedBy}`]),
  ].join('\n');
}

const COLUMNS = [
  { title: 'job' },
  { title: 'state' },
  { title: 're-encrypted', align: 'right' },
  { title: 'set aside', align: 'right' },
] as const;

export function showJobs(jobs: readonly Status[]): string {
  if (jobs.length === 0) return 'No job. One begins with each rotation whose policy re-encrypts.';
  return table(
    COLUMNS,
    jobs.map(({ jobId, state, reencrypted, setAside }) => [jobId, state, reencrypted, setAside]),
  );
}
