/** What a person or program asks to have wrapped anew. */
import type { AskedTerms } from './jobs/job-terms';
export interface ReencryptionRequest extends AskedTerms {
  /** What is under this KMS key … */
  readonly kmsKeyArn?: string | undefined;
  /** … or what protects this customer's data, under whichever key; of both, what fits both. */
  readonly customerId?: string | undefined;
  /** One data store of the customer. */
  readonly dataStoreId?: string | undefined;
  /** Only what is wrapped under this key material. */
  readonly keyMaterialId?: string | undefined;
  /** Only what was wrapped for the last time before this instant. */
  readonly wrappedBefore?: string | undefined;
  /** Absent: the newest material of the same key or, where another key took its place, that one. */
  readonly toKmsKeyArn?: string | undefined;
  readonly dryRun?: boolean | undefined;
}
