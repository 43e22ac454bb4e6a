/**
 * What we ask of KMS keys that data depends on, by the names of IAM actions. The one list: serverless.yml allows our functions and
 * applications these, the onboarding kit has customers allow them, and a key policy that no longer does is told.
 */
import { isHeldByCustomer } from '../../customers/encryption-options';
import { encryptionContextOf } from '../../keys/data-key';
import type { KmsKey } from '../../keys/kms-key';

/** An action, and what comes of its loss. */
export interface Need {
  readonly action: `kms:${string}`;
  /** Of which keys: of all, of those that protect new data, or of those among them that we hold ourselves. */
  readonly of: 'every key' | 'active keys' | 'our active keys';
  /** Which way: as we use a key, with an encryption context, or as we read it, with none. */
  readonly as: 'user' | 'observer';
  /** What is not possible without it, in words for a person. */
  readonly without: string;
}

export const NEEDED_ACTIONS: readonly Need[] = [
  { action: 'kms:Decrypt', of: 'every key', as: 'user', without: 'data cannot be read' },
  { action: 'kms:GenerateDataKey', of: 'active keys', as: 'user', without: 'nothing new can be protected' },
  {
    action: 'kms:GenerateDataKeyWithoutPlaintext',
    of: 'our active keys',
    as: 'user',
    without: 'a key that takes its place cannot be watched',
  },
  { action: 'kms:ReEncryptFrom', of: 'every key', as: 'user', without: 'data keys cannot be moved away from it' },
  { action: 'kms:ReEncryptTo', of: 'active keys', as: 'user', without: 'data keys cannot be moved to it' },
  { action: 'kms:DescribeKey', of: 'every key', as: 'observer', without: 'we cannot see what state it is in' },
];

const IS_OF: Record<Need['of'], (key: Pick<KmsKey, 'option' | 'state'>) => boolean> = {
  'every key': () => true,
  'active keys': ({ state }) => state === 'active',
  'our active keys': ({ state, option }) => state === 'active' && !isHeldByCustomer(option),
};

/** What we need of this key. */
export const needsOf = (key: Pick<KmsKey, 'option' | 'state'>): readonly Need[] =>
  NEEDED_ACTIONS.filter((need) => IS_OF[need.of](key));

/** What is not possible without an action, in words for a person. */
export const consequenceOf = (action: string): string =>
  NEEDED_ACTIONS.find((need) => need.action === action)?.without ?? 'it is not known what comes of it';

/** The names in the encryption context of every use. */
export const CONTEXT_NAMES: readonly string[] = Object.keys(
  encryptionContextOf({ customerId: '', dataStoreId: '', dataKeyId: '' }),
);
