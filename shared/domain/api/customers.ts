/** Customers: registers, lists, shows and renames them. */
import * as z from 'zod/mini';
import { accountId, instant } from '../../../events/fields';
import { type Customer, DATA_STORE_KINDS, type DataStore, ENCRYPTION_OPTIONS } from '../customers/customer';
import { OPTION_RULES } from '../customers/encryption-options';
import { type OnboardPorts, onboardCustomer } from '../customers/onboard-customer';
import { refuseMisplacedKey } from '../customers/refuse-misplaced-key';
import { renameCustomer } from '../customers/rename-customer';
import { invalid } from '../errors';
import type { KmsKey } from '../keys/kms-key';
import { defined } from '../optional-fields';
import { mustFind } from '../require-row';
import { count, id, strategy, yesOrNo } from './fields';
import { listed } from './list';
import { defineOperation } from './operation';

/** A customer as people see them. */
export type ShownCustomer = Omit<Customer, 'dueAt' | 'revision'>;

export type CustomerPorts = OnboardPorts & {
  /** A KMS key of ours: where this deployment is. */
  readonly drillKeyArn: string;
};

const role = z.strictObject({ roleArn: id, externalId: id }, { error: 'must be an object { roleArn, externalId }' });

export const dataStoreFields = {
  dataStoreId: id,
  kind: z.enum(DATA_STORE_KINDS, { error: `must be one of ${DATA_STORE_KINDS.join(', ')}` }),
  capabilities: z.array(id, { error: 'must be a list of words' }),
};

export const addCustomer = defineOperation(
  'add-customer',
  {
    customerId: id,
    name: id,
    option: id,
    key: id,
    alias: z.optional(id),
    accountId: z.optional(accountId),
    accessRole: z.optional(role),
    observerRole: z.optional(role),
    dataStores: z.optional(
      z.array(z.strictObject(dataStoreFields, { error: 'must be an object { dataStoreId, kind, capabilities }' }), {
        error: 'must be a list of data stores',
      }),
    ),
    rotation: z.optional(
      z.strictObject(
        { strategy, periodDays: count, reencrypt: yesOrNo, dueAt: instant },
        { error: 'must be an object { strategy, periodDays, reencrypt, dueAt }' },
      ),
    ),
  },
  async (
    input,
    _caller,
    ports: CustomerPorts,
  ): Promise<{ readonly added: boolean; readonly customer: ShownCustomer }> => {
    const { customerId, name, accountId: theirs, dataStores = [], rotation } = input;
    const key = keyOf(input);
    const customer = { customerId, name, ...defined({ accountId: theirs }) };
    refuseMisplacedKey(key, customer, ports.drillKeyArn);
    const added = await onboardCustomer({ customer, key, dataStores, ...defined({ rotation }) }, ports);
    return { added, customer: shown(await mustFind('customer', customerId, ports)) };
  },
);

interface KeyInput {
  readonly option: string;
  readonly key: string;
  readonly alias?: string | undefined;
  readonly accessRole?: { readonly roleArn: string; readonly externalId: string } | undefined;
  readonly observerRole?: { readonly roleArn: string; readonly externalId: string } | undefined;
}

function keyOf({ option: given, key: kmsKeyArn, alias, accessRole, observerRole: observer }: KeyInput) {
  const option = ENCRYPTION_OPTIONS.find((one) => one === given);
  if (option === undefined) throw invalid('option', `must be one of ${ENCRYPTION_OPTIONS.join(', ')}.`);
  const { refusedBecause } = OPTION_RULES[option];
  if (refusedBecause !== undefined)
    throw invalid('option', `${option} is refused for new customers: ${refusedBecause}`);
  const access: KmsKey['access'] = accessRole ? { via: 'role', ...accessRole } : { via: 'key-policy' };
  return { kmsKeyArn, option: option as KmsKey['option'], access, ...defined({ alias, observer }) };
}

/** So many fit an answer and a screen. */
const PAGE = 100;

export interface CustomerPage {
  readonly customers: readonly ShownCustomer[];
  readonly next?: string;
}

/** A page of customers: of those alone that an earlier build registered it shows nothing, `show-customer` does. */
export const listCustomers = defineOperation(
  'list-customers',
  { after: z.optional(id) },
  async ({ after }, _caller, { control }: Pick<CustomerPorts, 'control'>): Promise<CustomerPage> => {
    const { rows, next } = await control.page('customer', { limit: PAGE, ...defined({ after }) });
    return { customers: rows.map(shown), ...defined({ next }) };
  },
);

export interface CustomerDetail {
  readonly customer: ShownCustomer;
  readonly dataStores: readonly Omit<DataStore, 'revision'>[];
  /** There are more data stores than the list shows. */
  readonly more: boolean;
}

export const showCustomer = defineOperation(
  'show-customer',
  { customerId: id },
  async ({ customerId }, _caller, ports: Pick<CustomerPorts, 'control'>): Promise<CustomerDetail> => {
    const customer = await mustFind('customer', customerId, ports);
    const { rows, more } = await listed(ports.control.ofCustomer('data-store', customerId));
    return { customer: shown(customer), dataStores: rows.map(({ revision: _store, ...row }) => row), more };
  },
);

export const changeCustomer = defineOperation(
  'change-customer',
  { customerId: id, name: id },
  async (input, { principal: by }, ports: CustomerPorts) => ({
    customer: shown(await renameCustomer({ ...input, by }, ports)),
  }),
);

function shown({ dueAt: _listed, revision: _store, ...customer }: Customer): ShownCustomer {
  return customer;
}
