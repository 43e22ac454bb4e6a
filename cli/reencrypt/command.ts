/** `keywright reencrypt`: the jobs that re-encrypt data keys. */

import { Argument, Command, Option } from 'commander';
import { defined } from '../../shared/domain/optional-fields';
import { PRIORITIES } from '../../shared/domain/reencryption/quota/kms-quota';
import type { WorkWindow } from '../../shared/domain/rotation/work-window';
import { KEY_HELP, operatorCommand, whichKeys, withApi } from '../operate/command';
import { grouped } from '../output/table';
import { windowOf } from '../policy/window';
import {
  type Inventories,
  type Status,
  showInventory,
  showJob,
  showJobs,
  showRequested,
  showStartedAll,
} from './report';
import { type Requested, startAll } from './start-jobs';
import { watchJob } from './watch-job';

export function reencryptCommand(): Command {
  const reencrypt = new Command('reencrypt').description('manage the jobs that re-encrypt data keys');
  for (const command of [start(), inventory(), status(), watch(), retry(), priority(), ...CHANGES.map(change)])
    reencrypt.addCommand(command);
  return reencrypt;
}

interface Selected {
  readonly customer?: string;
  readonly dataStore?: string;
}

interface StartOptions extends Selected {
  readonly material?: string;
  readonly before?: string;
  readonly to?: string;
  readonly priority?: string;
  readonly window?: WorkWindow;
  readonly dryRun?: boolean;
  readonly all?: boolean;
}

const start = () =>
  selecting('start', 're-encrypt data keys under the newest material, or move them to another key', START_EXAMPLES)
    .option('--material <id>', 'only data keys under this key material')
    .option('--before <instant>', 'only data keys last wrapped before this time, for example 2026-01-31T00:00:00.000Z')
    .option('--to <key>', 'the key to move to, with the data stores (default: the same key’s newest material)')
    .addOption(new Option('--priority <priority>', 'the priority of the job (default: routine)').choices(PRIORITIES))
    .option('--window <when>', 'when to work: "mon-fri 22:00-06:00 Europe/Berlin" (default: at any time)', windowOf)
    .option('--all', 'start a job for every KMS key that has a rotation policy')
    .option('--dry-run', 'count what would be moved without changing anything')
    .action(
      withApi(async ({ api, print }, key: string | undefined, options: StartOptions) => {
        const { all, dryRun } = options;
        const request = { ...selected(key, options), ...narrowed(options) };
        if (all) {
          const started = await startAll(request, api, sayKeys);
          sayKeys();
          return print(started, () => showStartedAll(started, dryRun));
        }
        const answer = await api.call<Requested>('start-reencryption', request);
        print(answer, () => showRequested(answer, dryRun));
      }),
    );

const narrowed = ({ material, before, to, priority, window, dryRun }: StartOptions) => ({
  ...defined({ keyMaterialId: material, wrappedBefore: before, to, priority }),
  ...(window && { window }),
  ...(dryRun && { dryRun }),
});

/** A line that counts up where somebody watches, and goes when it is over. */
function sayKeys(keys?: number): void {
  const line = keys === undefined ? '' : `${grouped(keys)} keys asked`;
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\u001b[K`);
}

const START_EXAMPLES = `
$ keywright reencrypt start globex --dry-run  count, and touch nothing
$ keywright reencrypt start globex            also what was quarantined before
$ keywright reencrypt start --customer wayne --data-store crm --to alias/wayne
$ keywright reencrypt start alias/shared --before 2026-01-31T00:00:00.000Z
$ keywright reencrypt start --all --dry-run`;

const inventory = () =>
  selecting('inventory', 'count data keys by KMS key and key material', INVENTORY_EXAMPLES).action(
    withApi(async ({ api, print }, key: string | undefined, options: Selected) => {
      const answer = await api.call<Inventories>('inventory', selected(key, options));
      print(answer, () => answer.parts.map(showInventory).join('\n\n'));
    }),
  );

const INVENTORY_EXAMPLES = `
$ keywright reencrypt inventory globex
$ keywright reencrypt inventory --customer wayne --data-store crm`;

/** What takes a key, a customer, or one of the customer's data stores. */
const selecting = (verb: string, says: string, examples: string) =>
  operatorCommand(verb, says, examples)
    .argument('[key]', KEY_HELP)
    .option('--customer <id>', 'all data keys of this customer, under any key')
    .option('--data-store <id>', 'only this data store of the customer');

const selected = (key: string | undefined, { customer, dataStore }: Selected) => ({
  ...defined({ key, customerId: customer, dataStoreId: dataStore }),
});

const retry = () =>
  operatorCommand(
    'retry',
    'retry quarantined data keys after the cause is fixed',
    '$ keywright reencrypt retry 0193f2…',
  )
    .argument('<job>', 'the id of a finished job')
    .action(
      withApi(async ({ api, print }, jobId: string) => {
        const answer = await api.call<Requested>('retry-reencryption', { jobId });
        print(answer, () => showRequested(answer));
      }),
    );

const status = () =>
  operatorCommand('status', 'show one job, or the jobs of a KMS key or a customer', STATUS_EXAMPLES)
    .argument('[job]', 'the id of a job')
    .option('--key <key>', 'the jobs that move data keys from or to this KMS key')
    .option('--customer <id>', 'the jobs of all keys that this customer’s data depends on')
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

const WATCH_EXAMPLE = '$ keywright reencrypt watch 0193f2…';

const watch = () =>
  operatorCommand(
    'watch',
    'follow a job with a progress bar until it ends',
    WATCH_EXAMPLE,
    'the job ended with data keys left',
  )
    .argument('<job>', 'the id of a job')
    .action(
      withApi(async ({ api, print }, jobId: string) => {
        const job = await watchJob(jobId, api);
        print(job, () => showJob(job));
        if (job.state !== 'done' || job.quarantined > 0) process.exitCode = 1;
      }),
    );

const priority = () =>
  operatorCommand('priority', 'change the priority of a job', '$ keywright reencrypt priority 0193f2… deadline')
    .argument('<job>', 'the id of a job')
    .addArgument(new Argument('<priority>', 'the new priority').choices(PRIORITIES))
    .action(
      withApi(async ({ api, print }, jobId: string, urgent: string) => {
        const job = await api.call<Status>('set-reencryption-priority', { jobId, priority: urgent });
        print(job, () => showJob(job));
      }),
    );

/** What changes a job and shows it afterwards. */
const CHANGES = [
  { verb: 'pause', says: 'pause a job; every data key stays usable' },
  { verb: 'resume', says: 'resume a paused or parked job' },
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
