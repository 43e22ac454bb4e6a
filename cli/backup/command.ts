/** `keywright backup`: which backups need a KMS key. Nobody but an operator can know, so they say it. */
import { Command } from 'commander';
import type { ShownBackup } from '../../shared/domain/api/backups';
import { utc } from '../../shared/domain/instants';
import { KEY_HELP, operatorCommand, whichKeys, withApi } from '../operate/command';
import { printable } from '../output/printable-text';
import { table } from '../output/table';
import { wrapped } from '../output/wrapped';

export function backupCommand(): Command {
  const backup = new Command('backup').description(
    'manage the backups that need a KMS key: a key is kept while they are',
  );
  for (const command of [declare(), release(), list()]) backup.addCommand(command);
  return backup;
}

interface DeclareOptions {
  readonly key: string;
  readonly description: string;
  readonly retainUntil: string;
  readonly dryRun?: boolean;
}

const DECLARE_EXAMPLES = `
$ keywright backup declare dump-2026-05 --key KEY_ARN \\
    --description "monthly dumps" --retain-until 2027-06-01T00:00:00.000Z

Again with another --retain-until: it is kept for longer, or for less.`;

const declare = () =>
  operatorCommand('declare', 'declare a backup or change how long it is retained', DECLARE_EXAMPLES)
    .argument('<backup>', 'an id of your choice, unique among all backups')
    .requiredOption('--key <key>', KEY_HELP)
    .requiredOption('--description <text>', 'what the backup contains')
    .requiredOption('--retain-until <instant>', 'how long it is retained, for example 2027-01-31T12:00:00.000Z')
    .option('--dry-run', 'show what would happen without changing anything')
    .action(
      withApi(async ({ api, print }, backupId: string, { dryRun, ...said }: DeclareOptions) => {
        const { key, description, retainUntil } = said;
        const input = { key, backupId, description, retainUntil, ...(dryRun && { dryRun }) };
        const answer = await api.call<ShownBackup>('declare-backup', input);
        print(answer, () => showBackup(answer, dryRun === true));
      }),
    );

const release = () =>
  operatorCommand(
    'release',
    'release a backup that no longer needs its KMS key',
    '$ keywright backup release dump-2026-05\n$ keywright backup release dump-2026-05 --dry-run',
  )
    .argument('<backup>', 'its id')
    .option('--dry-run', 'show what would happen without changing anything')
    .action(
      withApi(async ({ api, print }, backupId: string, { dryRun }: { readonly dryRun?: boolean }) => {
        const answer = await api.call<ShownBackup>('release-backup', { backupId, ...(dryRun && { dryRun }) });
        print(answer, () => `${dryRun ? 'It would be released.\n' : ''}${showBackup(answer, dryRun === true)}`);
      }),
    );

const LIST_EXAMPLES = `
$ keywright backup list KEY_ARN
$ keywright backup list --customer globex --json`;

const list = () =>
  operatorCommand('list', 'show the backups of a KMS key or a customer', LIST_EXAMPLES)
    .argument('[key]', KEY_HELP)
    .option('--customer <id>', 'of all keys that this customer’s data depends on')
    .action(
      withApi(async ({ api, print }, key: string | undefined, { customer }: { readonly customer?: string }) => {
        const which = whichKeys(key, customer);
        const answer = await api.call<{ backups: ShownBackup[]; more: boolean }>('list-backups', which);
        print(answer, () => showBackups(answer.backups, answer.more));
      }),
    );

export function showBackup(
  { backupId, kmsKeyArn, description, retainUntil, state }: ShownBackup,
  dryRun: boolean,
): string {
  const need = state === 'kept' ? `keeps its key until ${utc(retainUntil)}` : `is ${state}, and needs its key no more`;
  return [
    wrapped(printable(`Backup ${backupId} (${description}) ${need}.`)),
    `  ${kmsKeyArn}`,
    ...(dryRun ? ['Nothing was touched.'] : []),
  ].join('\n');
}

const COLUMNS = [
  { title: 'backup' },
  { title: 'state' },
  { title: 'kept until' },
  { title: 'description' },
  { title: 'key' },
];

export function showBackups(backups: readonly ShownBackup[], more: boolean): string {
  if (backups.length === 0) return 'No backup was declared. Declare one: keywright backup declare ID --key KEY …';
  const rows = backups.map((one) => [one.backupId, one.state, utc(one.retainUntil), one.description, one.kmsKeyArn]);
  return [table(COLUMNS, rows), ...(more ? ['There are more; name one key to see its own.'] : [])].join('\n');
}
