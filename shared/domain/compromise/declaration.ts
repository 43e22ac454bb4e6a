/** What somebody declares compromised, and why. */
import type { DataKeyName } from '../keys/data-key';

export interface Declaration {
  readonly reason: string;
  /** From when on somebody else may have used it. Left out: always. */
  readonly since?: string;
  /** Who declares it. */
  readonly by: string;
}

export type CompromiseRequest = Declaration &
  (
    | {
        readonly kmsKeyArn: string;
        /** Gives every data key that the KMS key protected a replacement, too. Left out: they are moved, and stay in use. */
        readonly replaceDataKeys?: boolean;
      }
    | { readonly dataKeys: readonly DataKeyName[] }
  ) & {
    /** Tells what it protects, and touches nothing. */
    readonly dryRun?: boolean;
  };
