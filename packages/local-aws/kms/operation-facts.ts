import type { StateRow } from './keys/key-states';

/** What the cryptographic operations on one KMS key have in common. */
export const CRYPTOGRAPHIC_USE = {
  readOnly: true,
  quota: 'cryptographic',
  state: 'use',
  crossAccount: true,
  alias: true,
} as const;

/** What the engine must know of an operation, as data. */
export interface OperationFacts {
  readonly readOnly: boolean;
  /** Which requests share one quota: `own`, or by the family of the key or key pair. Source: requests-per-second. */
  readonly quota: 'own' | 'cryptographic' | 'data-key-pair';
  /** The row of the key-state table for the key that the call names. */
  readonly state?: StateRow;
  /** Another account's principals may call it. Source: "Cross-account use" of each operation in the SDK. */
  readonly crossAccount?: boolean;
  /** `KeyId` may be an alias name or alias ARN. Source: the `KeyId` text of each operation in the SDK. */
  readonly alias?: boolean;
  /** Input fields that CloudTrail shows; never plaintext, ciphertext, messages, signatures or tokens. */
  readonly logs: readonly string[];
}
