/** What the product decides by the encryption option of a customer's data. Each in words: option-descriptions.ts. */
import type { EncryptionOption } from './customer';

/** Who may disable, delete and rotate the KMS key; nobody where there is none that we know of. */
export type KeyHolder = 'nobody' | 'provider' | 'customer';

export interface OptionRules {
  /** Who decides on the life of the key that we depend on. */
  readonly keyHolder: KeyHolder;
  /** Whether one KMS key serves several customers. */
  readonly isKeyShared: boolean;
  /** Whether we make and wrap data keys under a KMS key of the data store: envelope encryption. */
  readonly hasDataKeys: boolean;
  /** Why new data stores cannot have it, and the way out; absent where they can. */
  readonly refusedBecause?: string;
}

const NO_KEY_OF_OURS = 'Keywright makes no data keys for it yet. Use managed, customer-specific or customer-managed.';

export const OPTION_RULES: Readonly<Record<EncryptionOption, OptionRules>> = {
  none: {
    keyHolder: 'nobody',
    isKeyShared: false,
    hasDataKeys: false,
    refusedBecause:
      'whoever gets at a disk, a backup or the store reads the data. Use managed, customer-specific or customer-managed.',
  },
  transparent: {
    keyHolder: 'provider',
    isKeyShared: true,
    hasDataKeys: false,
    refusedBecause: `what a store encrypts with is not checked yet. ${NO_KEY_OF_OURS}`,
  },
  managed: {
    keyHolder: 'provider',
    isKeyShared: true,
    hasDataKeys: true,
  },
  'customer-specific': {
    keyHolder: 'provider',
    isKeyShared: false,
    hasDataKeys: true,
  },
  'customer-managed': {
    keyHolder: 'customer',
    isKeyShared: false,
    hasDataKeys: true,
  },
  'pre-encryption': {
    keyHolder: 'customer',
    isKeyShared: false,
    hasDataKeys: false,
    refusedBecause: `ciphertext of customers is not taken yet. ${NO_KEY_OF_OURS}`,
  },
};

/** Whether the customer alone may disable, delete and rotate the key. */
export const isHeldByCustomer = (option: EncryptionOption): boolean => OPTION_RULES[option].keyHolder === 'customer';
