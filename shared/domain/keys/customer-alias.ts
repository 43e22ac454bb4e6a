/** The alias of a customer's key, by which its moves are noticed. */
import { isHeldByCustomer } from '../customers/encryption-options';
import type { KmsKey } from './kms-key';

/** The alias of a key in a customer's account, as an account's trail names it. */
export interface CustomerAlias {
  /** `arn:aws:kms:<region>:<account>:alias/<name>` */
  readonly aliasArn: string;
  readonly kmsKeyArn: string;
  readonly customerId: string;
  /** Where it points instead, and since when; absent while it points at the key. */
  readonly moved?: { readonly toKmsKeyArn: string; readonly at: string };
  readonly revision: number;
}

/** The row by which moves of a key's alias are noticed; undefined for keys of ours, whose aliases we move ourselves. */
export function aliasOf(key: Pick<KmsKey, 'kmsKeyArn' | 'option' | 'alias' | 'customerId'>): CustomerAlias | undefined {
  const { kmsKeyArn, option, alias, customerId } = key;
  if (!isHeldByCustomer(option) || alias === undefined || customerId === undefined) return undefined;
  return { aliasArn: kmsKeyArn.replace(/:key\/.*$/, `:${alias}`), kmsKeyArn, customerId, revision: 0 };
}
