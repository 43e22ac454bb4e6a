/** Makes docs/options.md from the table of encryption options. */
import { ENCRYPTION_OPTIONS } from '../../shared/domain/customers/customer';
import { ENCRYPTION_OPTION_TABLE } from '../../shared/domain/customers/option-descriptions';
import { COLUMNS, newStoresText } from '../options/columns';

const HEAD = `# Encryption options

Generated from \`shared/domain/customers/encryption-options.ts\` by \`npm run docs\`; a test fails when this page is behind.

How a customer’s data is protected at rest, from nothing to keys that the provider never sees. \`keywright options compare\` prints this table,
and the API’s operation \`list-options\` serves it.`;

/** docs/options.md as it should be. */
export const optionsPage = (): string =>
  `${[HEAD, ...ENCRYPTION_OPTIONS.map((option) => sectionOf(option))].join('\n\n')}\n`;

function sectionOf(option: (typeof ENCRYPTION_OPTIONS)[number]): string {
  const about = ENCRYPTION_OPTION_TABLE[option];
  const rows = COLUMNS.map(([column, title]) => `| ${title} | ${about[column]} |`);
  const head = [`## ${about.title}`, '', `\`${option}\``, '', '| | |', '|---|---|'];
  return [...head, ...rows, `| new data stores | ${newStoresText(about)} |`].join('\n');
}
