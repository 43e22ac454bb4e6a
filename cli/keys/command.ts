/** `keywright keys`: the KMS keys that a customer's data depends on. */
import type { ShownKey } from '../../shared/domain/api/list-keys';
import { KEY_HELP, operatorCommand, whichKeys, withApi } from '../operate/command';
import { table } from '../output/table';

const EXAMPLES = `
$ keywright keys globex             the key that protects this customer
$ keywright keys --customer globex  every key that it has or had`;

export const keysCommand = () =>
  operatorCommand('keys', 'show the KMS keys that a customer’s data depends on', EXAMPLES)
    .argument('[key]', KEY_HELP)
    .option('--customer <id>', 'all keys that this customer’s data depends on')
    .action(
      withApi(async ({ api, print }, key: string | undefined, { customer }: { readonly customer?: string }) => {
        const answer = await api.call<{ keys: ShownKey[] }>('list-keys', whichKeys(key, customer));
        print(answer, () => table(COLUMNS, answer.keys.map(rowOf)));
      }),
    );

const COLUMNS = [{ title: 'key' }, { title: 'option' }, { title: 'customer' }, { title: 'state' }, { title: 'alias' }];

const rowOf = ({ kmsKeyArn, option, customerId = 'shared', state, alias = '' }: ShownKey) => [
  kmsKeyArn,
  option,
  customerId,
  state,
  alias,
];
