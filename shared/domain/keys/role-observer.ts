/** What the domain needs of the roles by which it comes to customers' keys. */
import type { KeyRef } from './kms-key';

/** A policy of a role. */
export interface RolePolicy {
  /** An inline policy by its name, a managed one by its ARN. */
  readonly name: string;
  /** Its document; absent where we may not read it. */
  readonly text?: string;
  /** It gives nothing: it bounds what the others give. */
  readonly isBoundary?: true;
}

/** So many policies of a role are read. A role has 20 managed ones at most. Source: IAM User Guide, "IAM and AWS STS quotas". */
export const ROLE_POLICIES_MAX = 50;

/**
 * Reading the role by which a key is reached, by the role of the same account that lets us look. Changes nothing.
 *
 * @throws KeywrightError `iam.refused`, `iam.unreachable` (retry), `sts.role-refused`, `sts.unreachable` (retry): nobody can tell.
 */
export interface RoleObserver {
  /** The document that says who may assume the role, as text. Undefined: its account has no such role. @param by Reached by the role that looks. */
  trustPolicy(by: KeyRef, roleArn: string): Promise<string | undefined>;
  /**
   * The policies of the role, inline and attached, and the one that bounds them, in any order. Those after the first `ROLE_POLICIES_MAX`
   * have no document. Undefined: its account has no such role.
   */
  policies(by: KeyRef, roleArn: string): Promise<readonly RolePolicy[] | undefined>;
}
