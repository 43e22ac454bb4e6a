/**
 * Whose a key is, asked of the control table: one read a key, never a scan.
 *
 * What was found is kept, since a key never passes from one customer to another; what was not found is asked again, since it
 * may be registered at any moment.
 */
import type { KeyUse, TouchedKey } from '../../../events/kms-key-use';
import type { ControlStore } from '../ports';
import type { EntityType, Rows } from '../rows';
import type { Customer } from './customer';
import type { CustomerIndex } from './customer-index';
import { storeResourceOf } from './store-resource';

/** The pair of every encryption context of ours that says whose data it is: see `encryptionContextOf`. */
const CUSTOMER_PAIR = 'keywright:customerId';

/** Rows kept of each noun, some 10 MB in all: then the oldest goes. */
const KEPT_MAX = 10_000;

/** What was found of the keys and customers that uses name. */
export interface KnownCustomers extends CustomerIndex {
  /** Whether we depend on the key, which is one of theirs. */
  isRegistered(kmsKeyArn: string): boolean;
}

export interface CustomerLookup {
  /** An index that knows what these uses name. The owner's account alone names nobody: keys are registered one by one. */
  indexFor(uses: readonly KeyUse[]): Promise<KnownCustomers>;
  customer(customerId: string): Promise<Customer | undefined>;
  /** Of a key that serves one customer alone. */
  ownerOf(kmsKeyArn: string): Promise<Customer | undefined>;
  /** Whether we depend on the key. */
  isRegistered(kmsKeyArn: string): Promise<boolean>;
  /** The keys that we reach by that role of the account, of the customer whose account it is: the first thousand. */
  keysByRole(accountId: string, roleName: string): Promise<readonly string[]>;
}

/** What is beyond is found by looks alone, within the hour. */
const BY_ROLE_MAX = 1_000;

/** Looks customers and keys up in the control table, and keeps what it found. */
export function customerLookup(control: Pick<ControlStore, 'find' | 'ofCustomer'>): CustomerLookup {
  const findKey = keeping('kms-key', control);
  const findCustomer = keeping('customer', control);
  const findResource = keeping('store-resource', control);

  return {
    async indexFor(uses) {
      const keys = uses.flatMap((use) => use.keys);
      const arns = distinct(keys.map((key) => key.kmsKeyArn));
      const customerIds = distinct(keys.map((key) => key.encryptionContext?.[CUSTOMER_PAIR]));
      const resources = distinct(uses.flatMap((use) => use.keys.map((key) => resourceNamedBy(use, key))));
      const [keyRows, customers, stores] = await Promise.all([
        Promise.all(arns.map(findKey)),
        Promise.all(customerIds.map(findCustomer)),
        Promise.all(resources.map(findResource)),
      ]);
      const ownerOf = new Map(keyRows.flatMap((row) => (row?.customerId ? [[row.kmsKeyArn, row.customerId]] : [])));
      const registered = new Set(keyRows.map((row) => row?.kmsKeyArn));
      const known = new Set(customers.map((row) => row?.customerId));
      return {
        isRegistered: (kmsKeyArn) => registered.has(kmsKeyArn),
        ofKey: (kmsKeyArn) => listOf(ownerOf.get(kmsKeyArn)),
        ofResource: (resource) => listOf(stores.find((row) => row?.resource === resource)?.customerId),
        // Anybody can write any context beside a key of their own.
        ofContext: (context, kmsKeyArn) =>
          kmsKeyArn !== undefined && !registered.has(kmsKeyArn)
            ? []
            : listOf(context[CUSTOMER_PAIR]).filter((customerId) => known.has(customerId)),
        ofAccount: () => [],
      };
    },
    customer: findCustomer,
    async ownerOf(kmsKeyArn) {
      const customerId = (await findKey(kmsKeyArn))?.customerId;
      return customerId === undefined ? undefined : findCustomer(customerId);
    },
    async keysByRole(accountId, roleName) {
      // Who forwards has been heard before: by a heartbeat, or by what happened to a key.
      const customerId = (await control.find('forwarder', accountId))?.customerId;
      const customer = customerId === undefined ? undefined : await findCustomer(customerId);
      if (!customer || customer.accountId !== accountId) return [];
      const found: string[] = [];
      for await (const { kmsKeyArn, access } of control.ofCustomer('kms-key', customer.customerId)) {
        if (found.length === BY_ROLE_MAX) break;
        if (access.via === 'role' && isRole(access.roleArn, accountId, roleName)) found.push(kmsKeyArn);
      }
      return found;
    },
    isRegistered: async (kmsKeyArn) => (await findKey(kmsKeyArn)) !== undefined,
  };
}

const resourceNamedBy = (use: KeyUse, { kmsKeyArn, encryptionContext }: TouchedKey): string | undefined =>
  storeResourceOf(use, kmsKeyArn, encryptionContext);

function keeping<N extends EntityType>(
  entityType: N,
  control: Pick<ControlStore, 'find'>,
): (id: string) => Promise<Rows[N] | undefined> {
  const kept = new Map<string, Rows[N]>();
  return async (id) => {
    const found = kept.get(id) ?? (await control.find(entityType, id));
    if (found === undefined) return undefined;
    kept.set(id, found);
    const [oldest] = kept.keys();
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    return found;
  };
}

const distinct = (values: readonly (string | undefined)[]): readonly string[] =>
  [...new Set(values)].filter((value) => value !== undefined);

const listOf = (value: string | undefined): readonly string[] => (value === undefined ? [] : [value]);

/** `arn:aws:iam::ACCOUNT:role/PATH/NAME`: a record has the name alone, which is unique in its account, whatever the path. */
const isRole = (roleArn: string, accountId: string, roleName: string): boolean =>
  roleArn.split(':')[4] === accountId && roleArn.split('/').at(-1)?.toLowerCase() === roleName.toLowerCase();
