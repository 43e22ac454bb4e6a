/** `keywright reencrypt`: the jobs that wrap data keys anew. */
import { Argument, Command, Option } from 'commander';
import { PRIORITIES } from '../../shared/domain/kms-quota';
import type { RequestedReencryption } from '../../shared/domain/reencrypt-data-keys/request-reencryption';
import type { WorkWindow } from '../../shared/domain/work-window';
import { KEY_HELP, operatorCommand, whichKeys, withApi } from '../operate/command';
import { windowOf } from '../policy/window';
import { type Census, type Status, showCensus, showJob, showJobs, showRequested } from './report';
import { watchJob } from './watch';

export function reencryptCommand(): Command {
  const reencrypt = new Command('reencrypt').description('see and steer the jobs that wrap data keys anew');
  for (const command of [start(), census(), status(), watch(), priority(), ...CHANGES.map(change)])
    reencrypt.addCommand(command);
  return reencrypt;
}

const start = () =>
  operatorCommand(
    'start',
    'wrap anew what is left under old material, or under a key that was replaced',
    START_EXAMPLES,
  )
    .argument('<key>', KEY_HELP)
    .addOption(new Option('--priority <priority>', 'which jobs go first; without: routine').choices(PRIORITIES))
    .option('--window <when>', 'only then: "mon-fri 22:00-06:00 Europe/Berlin"; without: at once', windowOf)
    .option('--dry-run', 'count what would be moved, and touch nothing')
    .action(
      withApi(async ({ api, print }, key: string, { priority, window, dryRun }: StartOptions) => {
        const answer = await api.call<RequestedReencryption>('start-reencryption', {
          key,
          priority,
          window,
          dryRun,
        });
        print(answer, () => showRequested(answer));
      }),
    );

interface StartOptions {
  readonly priority?: string;
  readonly window?: WorkWindow;
  readonly dryRun?: boolean;
}

const START_EXAMPLES = `
$ keywright reencrypt start globex --dry-run     count, and touch nothing
$ keywright reencrypt start globex               data keys that an earlier job set aside are tried again, too`;

const census = () =>
  operatorCommand(
    'census',
    'count the data keys under a KMS key, by key material',
    '$ keywright reencrypt census globex',
  )
    .argument('<key>', KEY_HELP)
    .action(
      withApi(async ({ api, print }, key: string) => {
        const answer = await api.call<Census>('census', { key });
        print(answer, () => showCensus(answer));
      }),
    );

const status = () =>
  operatorCommand('status', 'show one job, or the jobs of a KMS key or a customer', STATUS_EXAMPLES)
    .argument('[job]', 'the id of a job')
    .option('--key <key>', 'the jobs that move data keys from or to this KMS key')
    .option('--customer <id>', 'the jobs of every key that this customer’s data depends on')
    .action(
      withApi(async ({ api, print }, jobId: string | undefined, options: { key?: string; customer?: string }) => {
        if (jobId !== undefined) {
          const job = await api.call<Status>('show-reencryption', { jobId });
          return print(job, () => showJob(job));
        }
        const which = whichKeys(options.key, options.customer);
        const answer = await api.call<{ jobs: Status[]; more: boolean }>('list-reencryptions', which);
        print(answer, () => showJobs(answer.jobs));
      }),
    );

const STATUS_EXAMPLES = `
$ keywright reencrypt status --customer globex
$ keywright reencrypt status 0193f2… --json`;

const watch = () =>
  operatorCommand('watch', 'follow a job until it ends, with a progress bar', '$ keywright reencrypt watch 0193f2…')
    .argument('<job>', 'the id of a job')
    .action(
      withApi(async ({ api, print }, jobId: string) => {
        const job = await watchJob(jobId, api);
        print(job, () => showJob(job));
        if (job.state !== 'done' || job.setAside > 0) process.exitCode = 1;
      }),
    );

const priority = () =>
  operatorCommand('priority', 'make a job more or less urgent', '$ keywright reencrypt priority 0193f2… deadline')
    .argument('<job>', 'the id of a job')
    .addArgument(new Argument('<priority>', 'the first goes before the others').choices(PRIORITIES))
    .action(
      withApi(async ({ api, print }, jobId: string, urgent: string) => {
        const job = await api.call<Status>('set-reencryption-priority', { jobId, priority: urgent });
        print(job, () => showJob(job));
      }),
    );

/** What changes a job and shows it afterwards. */
const CHANGES = [
  { verb: 'pause', says: 'stop a job until somebody resumes it; no data key is left half done' },
  { verb: 'resume', says: 'let a job go on that was paused or parked' },
  { verb: 'cancel', says: 'end a job where it is; what was moved stays moved' },
] as const;

const change = ({ verb, says }: (typeof CHANGES)[number]) =>
  operatorCommand(verb, says, `$ keywright reencrypt ${verb} 0193f2…`)
    .argument('<job>', 'the id of a job')
    .action(
      withApi(async ({ api, print }, jobId: string) => {
        const job = await api.call<Status>(`${verb}-reencryption`, { jobId });
        print(job, () => showJob(job));
      }),
    );
