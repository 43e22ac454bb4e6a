/** Follows a job until it is over. */
import type { Api } from '../operate/api';
import { progress } from '../output/progress';
import type { Status } from './report';

const LOOK_MS = 500;

const OVER = new Set(['done', 'cancelled']);

/** @returns the job as it ended. Ctrl-C ends the watching, not the job. */
export async function watchJob(jobId: string, api: Api, lookMs = LOOK_MS): Promise<Status> {
  let bar: ReturnType<typeof progress> | undefined;
  let shown = 0;
  try {
    for (;;) {
      const job = await api.call<Status>('show-reencryption', { jobId });
      bar ??= progress(job.expected ?? 0);
      bar.advance(job.reencrypted + job.quarantined - shown);
      bar.label(job.parkedBy ?? job.state);
      shown = job.reencrypted + job.quarantined;
      if (OVER.has(job.state)) return job;
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
  } finally {
    bar?.stop();
  }
}
