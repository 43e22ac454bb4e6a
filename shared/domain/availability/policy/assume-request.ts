/**
 * The request by which we assume a customer's role, as its trust policy sees it: some role of our account, with the external id that was
 * agreed on, no tags and no source identity. What our session is called, and from which Region we ask, is not told here.
 * Source of the condition keys: IAM User Guide, "IAM and AWS STS condition context keys".
 */
import type { KeyAccess } from '../../keys/kms-key';
import type { PolicyRequest } from './decide';
import { ABSENT, accountOf, callerKeys, ourRoles } from './our-request';
import type { Value } from './pattern';

const EXTERNAL_ID = 'sts:externalid';
const NEVER_SENT: ReadonlySet<string> = new Set(['aws:tagkeys', 'sts:sourceidentity', 'sts:transitivetagkeys']);

/** The request as we make it for this key's role. */
export function assumeRequest(
  { roleArn, externalId }: Extract<KeyAccess, { via: 'role' }>,
  ownAccountId: string,
): PolicyRequest {
  const caller = ourRoles(roleArn, ownAccountId);
  const known = new Map<string, readonly Value[]>([
    ...callerKeys(caller),
    ['aws:resourceaccount', [accountOf(roleArn)]],
    [EXTERNAL_ID, [externalId]],
  ]);
  const context = (name: string) => {
    const isAbsent = ABSENT.has(name) || NEVER_SENT.has(name) || name.startsWith('aws:requesttag/');
    return known.get(name) ?? (isAbsent ? [] : undefined);
  };
  return { action: 'sts:AssumeRole', resource: roleArn, caller, context };
}

/** The same with an external id that nobody knows. */
export const underAnyExternalId = (request: PolicyRequest): PolicyRequest => ({
  ...request,
  context: (name) => (name === EXTERNAL_ID ? undefined : request.context(name)),
});
