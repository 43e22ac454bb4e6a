/** `keywright store`: registers data stores of a customer and lists them. */
import { Command, Option } from 'commander';
import type { AddedDataStore, DataStoreList } from '../../shared/domain/api/data-stores';
import { DATA_STORE_KINDS } from '../../shared/domain/customers/customer';
import { defined } from '../../shared/domain/optional-fields';
import { KEY_HELP, operatorCommand, withApi } from '../operate/command';
import { printable } from '../output/printable-text';
import { wrapped } from '../output/wrapped';

interface AddOptions {
  readonly kind: string;
  readonly capabilities?: readonly string[];
  readonly key?: string;
}

const ADD_EXAMPLES = `
$ keywright store add globex documents --capabilities search exports`;

const add = () =>
  operatorCommand('add', 'register a place where a customer’s data rests', ADD_EXAMPLES)
    .argument('<customer>', 'the id of the customer')
    .argument('<store>', 'the id of the data store')
    .addOption(new Option('--kind <kind>', 'what it is').choices(DATA_STORE_KINDS).default('application'))
    .option('--capabilities <words...>', 'what is lost without it, in the words of the product')
    .option('--key <key>', `${KEY_HELP} (default: the customer’s active key)`)
    .action(
      withApi(async ({ api, print }, customerId: string, dataStoreId: string, options: AddOptions) => {
        const { kind, capabilities = [], key } = options;
        const input = { customerId, dataStoreId, kind, capabilities, ...defined({ key }) };
        const answer = await api.call<AddedDataStore>('add-data-store', input);
        const said = answer.added ? 'Registered.' : 'Registered before: nothing was changed.';
        print(answer, () => `${said}\n${showStore(answer.dataStore)}`);
      }),
    );

const LIST_EXAMPLES = `
$ keywright store list globex`;

const list = () =>
  operatorCommand('list', 'list the data stores of a customer', LIST_EXAMPLES)
    .argument('<customer>', 'the id of the customer')
    .action(
      withApi(async ({ api, print }, customerId: string) => {
        const answer = await api.call<DataStoreList>('list-data-stores', { customerId });
        print(answer, () => showStores(answer));
      }),
    );

export const storeCommand = () =>
  new Command('store')
    .description('register and list where customers’ data rests')
    .addCommand(add())
    .addCommand(list());

/** Data stores as a person reads them: an ARN alone fills a line. */
export const showStores = ({ dataStores, more }: DataStoreList): string =>
  dataStores.length === 0
    ? 'No data stores. Add one: keywright store add --help'
    : [...dataStores.map(showStore), ...(more ? ['There are more.'] : [])].join('\n');

function showStore({ dataStoreId, kind, kmsKeyArn, capabilities }: AddedDataStore['dataStore']): string {
  const lost = capabilities.length === 0 ? '' : `: ${capabilities.map(printable).join(', ')}`;
  return `${wrapped(`${printable(dataStoreId)} (${kind})${lost}`)}\n  ${kmsKeyArn}`;
}
