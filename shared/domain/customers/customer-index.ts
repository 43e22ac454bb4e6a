/** The index of a list of customers, for attribution. */
import type { EncryptionContext } from '../../../events/cloudtrail-shape';

/** What identifies a customer in CloudTrail records. */
export interface CustomerMarks {
  readonly customerId: string;
  readonly kmsKeys: readonly string[];
  readonly accounts: readonly string[];
  /** A record fits when it carries every pair. Empty: fits nothing. */
  readonly encryptionContext: EncryptionContext;
}

/**
 * Looks customers up without walking the list: contexts are found by their first pair. Of several customers whose
 * context fits, the ones with the most pairs are meant: `{tenant, environment}` is more exact than `{tenant}`.
 */
export function customerIndex(customers: readonly CustomerMarks[]): CustomerIndex {
  const byKey = new Map<string, string[]>();
  const byAccount = new Map<string, string[]>();
  const byFirstPair = new Map<string, CustomerMarks[]>();
  for (const customer of customers) {
    for (const arn of new Set(customer.kmsKeys)) add(byKey, arn, customer.customerId);
    for (const account of new Set(customer.accounts)) add(byAccount, account, customer.customerId);
    const [pair] = Object.entries(customer.encryptionContext);
    if (pair) add(byFirstPair, nameOf(pair), customer);
  }
  return {
    ofKey: (arn) => byKey.get(arn) ?? [],
    ofAccount: (account) => byAccount.get(account) ?? [],
    ofContext(context) {
      const fitting = Object.entries(context)
        .flatMap((pair) => byFirstPair.get(nameOf(pair)) ?? [])
        .filter((customer) => carries(context, customer.encryptionContext));
      const most = fitting.reduce((max, customer) => Math.max(max, pairsOf(customer)), 0);
      return fitting.filter((customer) => pairsOf(customer) === most).map(({ customerId }) => customerId);
    },
  };
}

function add<Value>(index: Map<string, Value[]>, key: string, value: Value): void {
  const values = index.get(key);
  if (values) values.push(value);
  else index.set(key, [value]);
}

/** Two pairs that look alike only cost a comparison: whether a context fits is decided by `carries`. */
function nameOf([name, value]: readonly [string, string]): string {
  return `${name}=${value}`;
}

function pairsOf(customer: CustomerMarks): number {
  return Object.keys(customer.encryptionContext).length;
}

function carries(context: EncryptionContext, wanted: EncryptionContext): boolean {
  return Object.entries(wanted).every(([name, value]) => Object.hasOwn(context, name) && context[name] === value);
}

/** Customers by what identifies them in records. Each answer lists every customer that fits. */
export interface CustomerIndex {
  ofKey(kmsKeyArn: string): readonly string[];
  /** @param kmsKeyArn The key that it was used with, where the record names it: not every key makes a context believed. */
  ofContext(context: EncryptionContext, kmsKeyArn: string | undefined): readonly string[];
  /** @param resource What a data store of AWS’s own is called: see `storeResourceOf`. Registered beside the customers, not listed. */
  ofResource?(resource: string): readonly string[];
  ofAccount(accountId: string): readonly string[];
}
