/**
 * The six encryption options in words, for the customer who has to choose: `keywright options`, docs/options.md and the API show
 * this table. Apart from the rules, so that no function of the product carries the words.
 */
import type { EncryptionOption } from './customer';
import { OPTION_RULES, type OptionRules } from './encryption-options';

export interface AboutOption extends OptionRules {
  readonly title: string;
  readonly holdsKey: string;
  readonly usesKey: string;
  readonly revokedBy: string;
  readonly revokedWithin: string;
  readonly covers: string;
  /** What of it is protected beside the content itself. */
  readonly search: string;
  readonly metadata: string;
  readonly backups: string;
  readonly logs: string;
  readonly functionsLost: string;
  readonly rotation: string;
  readonly tenancy: string;
  /** What the customer can see of the use of their key. */
  readonly watch: string;
  readonly cost: string;
  readonly costBorneBy: string;
  /** What our service level depends on. */
  readonly serviceLevel: string;
  readonly plaintext: string;
}

const SEES =
  'The application sees plaintext while it works: whoever takes over the running application reads the data.';
const ENVELOPE = {
  covers: 'the fields and objects that the application encrypts, before they reach the store',
  search: 'not covered: what is to be searched or sorted stays outside, or is searched after decryption',
  metadata: 'not covered: ids, sizes, times and names of fields are readable',
  backups: 'covered: copies hold ciphertext, and need the KMS key for as long as they are kept',
  logs: 'not covered: what the application writes into logs is as it wrote it',
  functionsLost: 'search, sorting and reports by the database over encrypted fields',
  plaintext: SEES,
} as const;
export const ENCRYPTION_OPTION_TABLE: Readonly<Record<EncryptionOption, AboutOption>> = {
  none: {
    ...OPTION_RULES.none,
    title: 'No encryption',
    holdsKey: 'nobody: there is no key',
    usesKey: 'nobody',
    revokedBy: 'nobody',
    revokedWithin: 'never',
    covers: 'nothing',
    search: 'not covered',
    metadata: 'not covered',
    backups: 'not covered',
    logs: 'not covered',
    functionsLost: 'none',
    rotation: 'none',
    tenancy: 'customers are told apart by the application alone',
    watch: 'nothing',
    cost: 'none',
    costBorneBy: 'nobody',
    serviceLevel: 'depends on no key',
    plaintext: 'Everybody who reaches the store sees plaintext, the application included.',
  },
  transparent: {
    ...OPTION_RULES.transparent,
    title: 'Transparent encryption by the store',
    holdsKey: 'AWS or the provider, for the store',
    usesKey: 'the store, for whoever it lets read',
    revokedBy: 'the provider, for all customers of the store at once; nobody where AWS owns the key',
    revokedWithin: 'minutes to days: each kind of store keeps an opened key for a time of its own',
    covers: 'disks, files and snapshots of the store, against whoever takes the medium',
    search: 'covered at rest, and works: the store decrypts by itself',
    metadata: 'covered at rest inside the store; names of buckets, objects and tables are not',
    backups: 'covered where the store makes them; exports are not',
    logs: 'covered where the store keeps them; those elsewhere are not',
    functionsLost: 'none',
    rotation: 'AWS or the provider, where the store allows it; old data stays under the old material',
    tenancy: 'one key for a store and all of its customers',
    watch: 'nothing of their own: calls of the store name no customer',
    cost: 'none for keys of AWS; a KMS key is $1 a month, and its calls',
    costBorneBy: 'the provider',
    serviceLevel: 'depends on the provider’s key, where it is one of KMS',
    plaintext: 'The application and everybody whom the store lets read see plaintext.',
  },
  managed: {
    ...OPTION_RULES.managed,
    ...ENVELOPE,
    title: 'Managed keys with envelope encryption',
    holdsKey: 'the provider, in the provider’s AWS account',
    usesKey: 'the provider’s application, under the customer’s encryption context only',
    revokedBy: 'the provider, for every customer of the key at once',
    revokedWithin: 'seconds to the customer’s window, an hour at most',
    rotation: 'Keywright rotates the key by its policy, and re-encrypts the data keys',
    tenancy: 'one KMS key for many customers; data keys of their own, told apart by encryption context',
    watch: 'uses of the key under their encryption context, in their audit stream',
    cost: 'a share of a KMS key at $1 a month, and of its calls',
    costBorneBy: 'the provider',
    serviceLevel: 'depends on the provider’s key: its loss is the provider’s, for all of its customers',
  },
  'customer-specific': {
    ...OPTION_RULES['customer-specific'],
    ...ENVELOPE,
    title: 'Customer-specific managed keys',
    holdsKey: 'the provider, in the provider’s AWS account: one KMS key for the customer',
    usesKey: 'the provider’s application, under the customer’s encryption context only',
    revokedBy: 'the provider, for this customer alone, when the customer asks',
    revokedWithin: 'seconds to the customer’s window, an hour at most, once the provider acts',
    rotation: 'Keywright rotates the key by its policy, and re-encrypts the data keys',
    tenancy: 'a KMS key and data keys of their own',
    watch: 'every use and change of their key, in their audit stream',
    cost: 'a KMS key at $1 a month and $1 more for each of its first two rotations, and its calls',
    costBorneBy: 'the provider, who can charge it to the customer by key',
    serviceLevel: 'depends on the provider’s key: its loss is the provider’s, for this customer alone',
  },
  'customer-managed': {
    ...OPTION_RULES['customer-managed'],
    ...ENVELOPE,
    title: 'Customer-specific keys that the customer manages',
    holdsKey: 'the customer, in an AWS account of their own',
    usesKey: 'the provider’s application, as the key policy or the role with an external id allows',
    revokedBy: 'the customer, alone and at any time: by policy, by disabling or deleting the key',
    revokedWithin: 'seconds to the customer’s window, an hour at most, without the provider’s help',
    rotation: 'the customer rotates, Keywright asks, follows and re-encrypts the data keys',
    tenancy: 'a KMS key, an account and data keys of their own',
    watch: 'every call, in their own CloudTrail and in their audit stream',
    cost: 'a KMS key at $1 a month and $1 more for each of its first two rotations, and its calls',
    costBorneBy: 'the customer: AWS bills the key to their account, and its calls to whoever makes them',
    serviceLevel: 'depends on the customer’s key: what they take away is theirs, and is told apart',
  },
  'pre-encryption': {
    ...OPTION_RULES['pre-encryption'],
    title: 'Encryption by the customer, before data arrives',
    holdsKey: 'the customer, out of the provider’s reach',
    usesKey: 'the customer alone',
    revokedBy: 'the customer: the provider never had it',
    revokedWithin: 'at once: the provider holds nothing that opens',
    covers: 'all that the customer encrypts, against the provider as well',
    search: 'covered, and lost: the provider cannot search ciphertext',
    metadata: 'not covered: ids, sizes and times are readable',
    backups: 'covered: copies hold ciphertext; a key that the customer loses makes them unreadable',
    logs: 'covered: the provider has nothing but ciphertext to log',
    functionsLost: 'everything that needs plaintext: search, previews, reports, exports, support',
    rotation: 'the customer, who encrypts the data anew',
    tenancy: 'keys of their own, apart from all others',
    watch: 'all of it, where the customer keeps the key; the provider sees no use',
    cost: 'keys, their operation and software on the customer’s side',
    costBorneBy: 'the customer',
    serviceLevel: 'depends on no key that the provider knows: what is stored is given back as it is',
    plaintext: 'The application sees ciphertext only; the customer’s own software sees plaintext.',
  },
};
