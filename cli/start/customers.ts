/** The customers of the example: who they are, which option they chose, and how their key is rotated. */
import type { RotationStrategy } from '../../events/fields';

/** The provider's account, and that of the customer who holds their own key. Documentation's example numbers. */
export const PROVIDER_ACCOUNT = '111122223333';
export const ACME_ACCOUNT = '444455556666';

export interface ExampleCustomer {
  readonly customerId: string;
  readonly name: string;
  readonly option: 'managed' | 'customer-specific' | 'customer-managed';
  /** Customers with the same alias share the key. */
  readonly alias: string;
  readonly strategy: RotationStrategy;
  readonly periodDays: number;
  readonly accountId?: string;
}

const SHARED_KEY = 'alias/keywright/shared';

export const ACME: ExampleCustomer = {
  customerId: 'acme',
  name: 'Acme Corp',
  option: 'customer-managed',
  alias: 'alias/acme-data',
  strategy: 'customer',
  periodDays: 365,
  accountId: ACME_ACCOUNT,
};

export const CUSTOMERS: readonly ExampleCustomer[] = [
  ACME,
  {
    customerId: 'globex',
    name: 'Globex',
    option: 'customer-specific',
    alias: 'alias/keywright/globex',
    strategy: 'kms-on-demand',
    periodDays: 365,
  },
  {
    customerId: 'initech',
    name: 'Initech',
    option: 'customer-specific',
    alias: 'alias/keywright/initech',
    strategy: 'kms-automatic',
    periodDays: 90,
  },
  {
    customerId: 'hooli',
    name: 'Hooli',
    option: 'managed',
    alias: SHARED_KEY,
    strategy: 'replace',
    periodDays: 365,
  },
  {
    customerId: 'umbrella',
    name: 'Umbrella',
    option: 'managed',
    alias: SHARED_KEY,
    strategy: 'replace',
    periodDays: 365,
  },
];

/** @throws Error for an id that none of them has. */
export function customerOf(id: string): ExampleCustomer {
  const customer = CUSTOMERS.find(({ customerId }) => customerId === id);
  if (customer) return customer;
  throw new Error(`The example has no customer ${id}.`);
}

/** Has a key of imported material and nothing under it yet: the scenario takes the material away. */
export const WAYNE: ExampleCustomer = {
  customerId: 'wayne',
  name: 'Wayne Enterprises',
  option: 'customer-specific',
  alias: 'alias/keywright/wayne',
  strategy: 'imported-material',
  periodDays: 365,
};

/** Where each customer's data rests, and what the provider's users lose without it. */
export const DATA_STORES = [
  { dataStoreId: 'records', kind: 'application', capabilities: ['search', 'editing'] },
  { dataStoreId: 'files', kind: 'application', capabilities: ['downloads', 'exports'] },
  { dataStoreId: 'messages', kind: 'application', capabilities: ['inbox'] },
] as const;

/** Months of history that each data store begins with: one data key a month. */
export const MONTHS_OF_HISTORY = 24;
