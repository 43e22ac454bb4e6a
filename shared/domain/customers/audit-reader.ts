/**
 * An audit reader: a principal of IAM that reads one customer's audit log by its address. The row goes by the principal, so that
 * who asks is enough to know whose log it is, and nobody can ask for another's.
 */

/** One row a principal, of a role or a user. */
export interface AuditReader {
  /** As `principalName` has it. */
  readonly principal: string;
  /** The ARN that was given: of a role with its path. */
  readonly principalArn: string;
  readonly customerId: string;
  /** The principal that AWS names to the function URL. */
  readonly addedBy: string;
  readonly addedAt: string;
  /** Rows are not deleted: it reads nothing since then. */
  readonly removedAt?: string;
  readonly revision: number;
}

/** So many a customer has. */
export const AUDIT_READERS_MAX = 20;

/** Source: IAM user guide, "IAM identifiers"; names and paths have 512 characters at most. */
const PRINCIPAL = /^arn:(aws[a-z-]*):iam::(\d{12}):(user|role)\/(?:[!-~]{0,510}\/)?([\w+=,.@-]{1,64})$/;
const SESSION = /^(arn:aws[a-z-]*:sts::\d{12}:assumed-role\/[\w+=,.@-]{1,64})\/[\w+=,.@-]{1,64}$/;

/**
 * What a role or a user is called here: a user by their ARN, a role as its sessions name it, which leave out its path. The name of a
 * role is unique in its account.
 *
 * @param arn Of a user or a role.
 * @returns undefined for any other.
 */
export function principalName(arn: string): string | undefined {
  const [, partition, accountId, kind, name] = PRINCIPAL.exec(arn) ?? [];
  if (kind === undefined) return undefined;
  return kind === 'user' ? arn : `arn:${partition}:sts::${accountId}:assumed-role/${name}`;
}

/**
 * The same of who asks, as AWS names them to a function: a user, or a session of a role. Root users and federated ones have none.
 *
 * @returns undefined for any other.
 */
export const callerName = (userArn: string): string | undefined =>
  SESSION.exec(userArn)?.[1] ?? (userArn.includes(':user/') ? principalName(userArn) : undefined);

/** The account of an ARN. */
export const accountOf = (arn: string): string | undefined => arn.split(':')[4];
