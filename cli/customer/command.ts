/** `keywright customer`: registers customers, lists, shows and renames them. */
import { Command, Option } from 'commander';
import type { CustomerDetail, CustomerPage, ShownCustomer } from '../../shared/domain/api/customers';
import { ENCRYPTION_OPTIONS } from '../../shared/domain/customers/customer';
import { defined } from '../../shared/domain/optional-fields';
import { operatorCommand, withApi } from '../operate/command';
import { printable } from '../output/printable-text';
import { wrapped } from '../output/wrapped';

interface AddOptions {
  readonly name: string;
  readonly option: string;
  readonly key: string;
  readonly alias?: string;
  readonly account?: string;
  readonly accessRole?: string;
  readonly observerRole?: string;
  readonly externalId?: string;
}

const ADD_EXAMPLES = `
$ keywright customer add globex --name Globex --option customer-specific \\
    --key arn:aws:kms:eu-central-1:111122223333:key/1234abcd-...`;

const add = () =>
  operatorCommand('add', 'register a customer and the KMS key of their data', ADD_EXAMPLES)
    .argument('<customer>', 'the id of the customer')
    .requiredOption('--name <name>', 'what people call the customer')
    .addOption(
      new Option('--option <option>', 'the encryption option').choices(ENCRYPTION_OPTIONS).makeOptionMandatory(),
    )
    .requiredOption('--key <arn>', 'the full ARN of the KMS key')
    .option('--alias <alias>', 'the alias/… that points at the key')
    .option('--account <id>', 'the customer’s AWS account, where they hold the key')
    .option('--access-role <arn>', 'the customer’s role that lets us use the key')
    .option('--observer-role <arn>', 'the customer’s role that lets us read the key')
    .option('--external-id <id>', 'what opens these roles to us')
    .action(
      withApi(async ({ api, print }, customerId: string, options: AddOptions) => {
        const { name, option, key, alias, account: accountId, externalId } = options;
        const role = (roleArn?: string) => (roleArn === undefined ? undefined : { roleArn, externalId });
        const roles = { accessRole: role(options.accessRole), observerRole: role(options.observerRole) };
        const input = { customerId, name, option, key, ...defined({ alias, accountId, ...roles }) };
        const answer = await api.call<{ added: boolean; customer: ShownCustomer }>('add-customer', input);
        const said = answer.added ? 'Registered.' : 'Registered before: nothing was changed.';
        print(answer, () => `${said}\n${showCustomer(answer.customer)}`);
      }),
    );

const LIST_EXAMPLES = `
$ keywright customer list
$ keywright customer list --json`;

const list = () =>
  operatorCommand('list', 'list customers', LIST_EXAMPLES)
    .option('--after <cursor>', 'go on where the page before ended')
    .action(
      withApi(async ({ api, print }, { after }: { readonly after?: string }) => {
        const page = await api.call<CustomerPage>('list-customers', defined({ after }));
        print(page, () => showPage(page));
      }),
    );

const SHOW_EXAMPLES = `
$ keywright customer show globex`;

const show = () =>
  operatorCommand('show', 'show a customer and their data stores', SHOW_EXAMPLES)
    .argument('<customer>', 'the id of the customer')
    .action(
      withApi(async ({ api, print }, customerId: string) => {
        const detail = await api.call<CustomerDetail>('show-customer', { customerId });
        const stores = detail.dataStores.map(({ dataStoreId, kind }) => `  ${printable(dataStoreId)} (${kind})`);
        print(detail, () => [showCustomer(detail.customer), ...stores].join('\n'));
      }),
    );

const CHANGE_EXAMPLES = `
$ keywright customer change globex --name 'Globex Corporation'`;

const change = () =>
  operatorCommand('change', 'change what a customer is called', CHANGE_EXAMPLES)
    .argument('<customer>', 'the id of the customer')
    .requiredOption('--name <name>', 'what people call the customer from now on')
    .action(
      withApi(async ({ api, print }, customerId: string, { name }: { readonly name: string }) => {
        const answer = await api.call<{ customer: ShownCustomer }>('change-customer', { customerId, name });
        print(answer, () => showCustomer(answer.customer));
      }),
    );

export const customerCommand = () =>
  new Command('customer')
    .description('register customers, list, show and rename them')
    .addCommand(add())
    .addCommand(list())
    .addCommand(show())
    .addCommand(change());

/** A page of customers, and how to see the next one. */
export function showPage({ customers, next }: CustomerPage): string {
  if (customers.length === 0 && next === undefined) return 'No customers. Add one: keywright customer add --help';
  return [
    ...customers.map(showCustomer),
    ...(next === undefined ? [] : [`There are more:\n  keywright customer list --after '${next}'`]),
  ].join('\n');
}

function showCustomer({ customerId, name, option, accountId, dataStores }: ShownCustomer): string {
  const stores = dataStores === undefined ? '' : `, data stores: ${dataStores}`;
  const account = accountId === undefined ? '' : `, account ${accountId}`;
  return wrapped(`${printable(customerId)}: ${printable(name)}, ${option}${account}${stores}`);
}
