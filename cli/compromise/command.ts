/** `keywright compromise`: says that somebody else may know or have used a key, and follows what is done about it. */

import { Command } from 'commander';
import type { CompromiseStatus, ShownCompromise } from '../../shared/domain/compromise/compromise-status';
import type { Declared } from '../../shared/domain/compromise/declare-compromise';
import type { DataKeyName } from '../../shared/domain/keys/data-key';
import { defined } from '../../shared/domain/optional-fields';
import { KEY_HELP, operatorCommand, whichKeys, withApi } from '../operate/command';
import { showCompromise, showCompromises, showProtects } from './report';

export function compromiseCommand(): Command {
  const compromise = new Command('compromise').description('declare a key compromised, and follow its containment');
  for (const command of [declare(), status()]) compromise.addCommand(command);
  return compromise;
}

interface DeclareOptions {
  readonly dataKey: readonly DataKeyName[];
  readonly reason: string;
  readonly since?: string;
  readonly replaceDataKeys?: boolean;
  readonly dryRun?: boolean;
}

const DECLARE_EXAMPLES = `
$ keywright compromise declare globex --reason "Ticket 4711" --dry-run
$ keywright compromise declare globex --reason "Ticket 4711" \\
    --replace-data-keys
$ keywright compromise declare --data-key globex/documents/0193f2… \\
    --reason "Found in a log"`;

const declare = () =>
  operatorCommand('declare', 'declare a KMS key or data keys compromised; containment begins at once', DECLARE_EXAMPLES)
    .argument('[key]', KEY_HELP)
    .option('--data-key <customer/store/id>', 'a data key instead of a KMS key; repeatable', dataKeys, [])
    .requiredOption('--reason <text>', 'the reason, as the audit stream shows it')
    .option('--since <instant>', 'the earliest time of misuse, for example 2026-01-31T12:00:00.000Z')
    .option('--replace-data-keys', 'also replace the data keys that it protected; applications re-encrypt their data')
    .option('--dry-run', 'show what it protects without changing anything')
    .action(
      withApi(async ({ api, print }, key: string | undefined, options: DeclareOptions) => {
        const { dataKey, reason, since, replaceDataKeys, dryRun } = options;
        const answer = await api.call<Declared>('declare-compromise', {
          ...defined({ key }),
          ...(dataKey.length > 0 && { dataKeys: dataKey }),
          reason,
          ...defined({ since }),
          ...(replaceDataKeys && { replaceDataKeys }),
          ...(dryRun && { dryRun }),
        });
        print(answer, () =>
          'protects' in answer ? showProtects(answer.protects) : showCompromises([answer.compromise]),
        );
      }),
    );

/** What is no such name is sent as it is: the API says what is wrong with it. */
function dataKeys(text: string, before: readonly DataKeyName[]): readonly DataKeyName[] {
  const [customerId = '', dataStoreId = '', ...dataKeyId] = text.split('/');
  return [...before, { customerId, dataStoreId, dataKeyId: dataKeyId.join('/') }];
}

const STATUS_EXAMPLES = `
$ keywright compromise status --customer globex
$ keywright compromise status 0193f2… --json`;

const status = () =>
  operatorCommand('status', 'show one compromise, or those of a KMS key or a customer', STATUS_EXAMPLES)
    .argument('[compromise]', 'the id of a compromise')
    .option('--key <key>', KEY_HELP)
    .option('--customer <id>', 'compromises that expose data of this customer')
    .action(
      withApi(
        async ({ api, print }, compromiseId: string | undefined, options: { key?: string; customer?: string }) => {
          if (compromiseId !== undefined) {
            const found = await api.call<CompromiseStatus>('show-compromise', { compromiseId });
            return print(found, () => showCompromise(found));
          }
          const which = whichKeys(options.key, options.customer);
          const answer = await api.call<{ compromises: ShownCompromise[]; more: boolean }>('list-compromises', which);
          print(answer, () => showCompromises(answer.compromises));
        },
      ),
    );
