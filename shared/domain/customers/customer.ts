/** A tenant of the provider, and where its data rests. */

/** How a customer's data is protected at rest. */
export const ENCRYPTION_OPTIONS = [
  'none',
  'transparent',
  'managed',
  'customer-specific',
  'customer-managed',
  'pre-encryption',
] as const;
export type EncryptionOption = (typeof ENCRYPTION_OPTIONS)[number];

/**
 * Whose stream holds what concerns no customer: calls with keys that customers share or that are nobody's, and facts about
 * them. It is no customer's id: onboarding refuses it.
 */
export const OPERATOR_ID = 'keywright:operator';

export interface Customer {
  readonly customerId: string;
  /** As people call it; shown on pages. */
  readonly name: string;
  readonly option: EncryptionOption;
  /** The customer's own AWS account, where they hold the key. Only `customer-managed` has one. */
  readonly accountId?: string;
  /** How many data stores they have: whoever registers one counts it, in one transaction. Absent: nobody counted them. */
  readonly dataStores?: number;
  /** `NEVER`: all customers are listed by the index of what is due. Absent: an earlier build registered them. */
  readonly dueAt?: string;
  readonly revision: number;
}

/** `application` for what the envelope library protects; otherwise the AWS store that does it by itself. */
export const DATA_STORE_KINDS = [
  'application',
  's3',
  'rds',
  'aurora',
  'dynamodb',
  'ebs',
  'efs',
  'secrets-manager',
  'sqs',
  'lambda',
  'redshift',
  'opensearch',
  'other',
] as const;
export type DataStoreKind = (typeof DATA_STORE_KINDS)[number];

/** What names a data store. */
export type DataStoreName = Pick<DataStore, 'customerId' | 'dataStoreId'>;

/** A place where a customer's data rests, and the KMS key it depends on. */
export interface DataStore {
  readonly customerId: string;
  readonly dataStoreId: string;
  readonly kind: DataStoreKind;
  /** The key that new data is protected under. */
  readonly kmsKeyArn: string;
  /** What a customer of the provider loses without it, in their words: `search`, `exports`. */
  readonly capabilities: readonly string[];
  /** What AWS calls it, where it is one of AWS’s own stores: see store-resource.ts. Absent: its records are told by the key alone. */
  readonly resource?: string;
  readonly revision: number;
}
