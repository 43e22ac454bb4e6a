/** `keywright options`: the six encryption options, side by side or one in full. */
import { Argument, Command } from 'commander';
import type { ShownOption } from '../../shared/domain/api/list-options';
import { ENCRYPTION_OPTIONS, type EncryptionOption } from '../../shared/domain/customers/customer';
import { ENCRYPTION_OPTION_TABLE } from '../../shared/domain/customers/option-descriptions';
import { wrapped } from '../output/wrapped';
import { COLUMNS, newStoresText } from './columns';

const EXITS = '\nExit code: 0 done, 2 refused';

const COMPARE_EXAMPLES = `
Examples:
  $ keywright options compare         six options, one question after the other
  $ keywright options                 the same
  $ keywright options compare --json
${EXITS}`;

/** It needs neither AWS nor the API: the table is the same everywhere, and the API serves it as list-options. */
const compare = () =>
  new Command('compare')
    .description('compare the six encryption options, question by question')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', COMPARE_EXAMPLES)
    .action(({ json }: { readonly json?: boolean }) => {
      const options = ENCRYPTION_OPTIONS.map((option) => ({ option, ...ENCRYPTION_OPTION_TABLE[option] }));
      process.stdout.write(`${json ? JSON.stringify({ options }, null, 2) : showComparison(options)}\n`);
    });

const EXPLAIN_EXAMPLES = `
Examples:
  $ keywright options explain customer-managed
  $ keywright options explain none --json
${EXITS}`;

const explain = () =>
  new Command('explain')
    .description('explain one encryption option in full')
    .addArgument(new Argument('<option>', 'the encryption option').choices(ENCRYPTION_OPTIONS))
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXPLAIN_EXAMPLES)
    .action((option: EncryptionOption, { json }: { readonly json?: boolean }) => {
      const shown = { option, ...ENCRYPTION_OPTION_TABLE[option] };
      process.stdout.write(`${json ? JSON.stringify(shown, null, 2) : showOption(shown)}\n`);
    });

export const optionsCommand = () =>
  new Command('options')
    .description('compare and explain the six encryption options')
    .addCommand(compare(), { isDefault: true })
    .addCommand(explain());

const LABEL = 20;
const label = (text: string) => `  ${text.padEnd(LABEL)}`;

/** Question by question: six columns of prose have no room beside each other in 80. */
export function showComparison(options: readonly ShownOption[]): string {
  const lines = (text: (option: ShownOption) => string) =>
    options.map((option) => wrapped(text(option), label(option.option))).join('\n');
  return [
    ['NEW DATA STORES', lines(newStoresText)].join('\n'),
    ...COLUMNS.map(([column, title]) => [title.toUpperCase(), lines((option) => option[column])].join('\n')),
  ].join('\n\n');
}

/** One option, every column of it. */
export function showOption(option: ShownOption): string {
  return [
    `${option.option}: ${option.title}`,
    ...COLUMNS.map(([column, title]) => wrapped(option[column], label(title))),
    wrapped(newStoresText(option), label('new data stores')),
  ].join('\n');
}
