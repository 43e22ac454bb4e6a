/** Whether two principals are one person: what takes two people takes two of them. */

/** Whether it was this person who asked, be it under another name. */
export const hasAskedFor = (
  { requestedBy, requesterId }: { readonly requestedBy: string; readonly requesterId?: string },
  { principal, userId }: { readonly principal: string; readonly userId: string | undefined },
): boolean =>
  isSamePerson(requestedBy, principal) ||
  requesterId === undefined ||
  userId === undefined ||
  uniqueId(requesterId) === uniqueId(userId);

/** Of a session the role's: `AROA…:SESSION`. Source: IAM user guide, `aws:userid`. */
const uniqueId = (userId: string): string => userId.replace(/:.*/s, '');

/**
 * Whether two principals are one person, as far as AWS can tell. Who takes a role names the session, so two sessions of one
 * role are one person whatever they are called: two people are two users, or two roles that not the same people may take.
 * Who shows the same name in two roles is one person still.
 */
export const isSamePerson = (one: string, other: string): boolean =>
  identityOf(one) === identityOf(other) || nameIn(one) === nameIn(other);

/**
 * Whether AWS names one person: an IAM user, or a session of a role. Any user of an account may make a federated user and
 * choose its name, so that it may be themselves; and root is whoever has its password, whatever else they are.
 * Source: IAM user guide, IAM identifiers; STS API reference, GetFederationToken.
 */
export const isOnePerson = (principal: string): boolean =>
  /^arn:[^:]+:(?:iam::\d{12}:user|sts::\d{12}:assumed-role)\//.test(principal);

/**
 * The account, and the role or user in it. A session has the role's name without its path.
 * Source: IAM user guide, IAM identifiers; STS API reference, AssumedRoleUser.
 */
function identityOf(principal: string): string {
  const [, , , , account = '', resource = ''] = principal.split(':');
  const [kind, ...path] = resource.split('/');
  if (kind === 'assumed-role') return `${account} role ${path[0]}`;
  if (kind === 'role') return `${account} role ${path.at(-1)}`;
  // IAM tells no two users of an account apart by their paths or by the case of letters.
  if (kind === 'user') return `${account} user ${path.at(-1)?.toLowerCase()}`;
  return principal;
}

const nameIn = (principal: string): string => principal.slice(principal.lastIndexOf('/') + 1).toLowerCase();
