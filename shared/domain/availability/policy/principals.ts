/**
 * Whether a Principal element means a caller of ours, who is always a session of a role.
 * Source: IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal".
 */
import type { Listed, Principals } from './document';
import { matches, type Value } from './pattern';
import { anyOf, type Truth } from './three-valued-logic';

/** A session of a role: what is known of the role and of the session, which may be their account alone. */
export interface Caller {
  readonly accountId: string;
  readonly roleArn: Value;
  readonly sessionArn: Value;
}

/** Whether a statement is about the caller. One without principals is of a policy that is attached to them. */
export function isAbout(principals: Listed<Principals> | undefined, caller: Caller): Truth {
  if (principals === undefined) return true;
  const { itself, account } = namingOf(principals.names, caller);
  if (!principals.isExcept) return anyOf([itself, account]);
  // AWS may look at the account, the role and the session one after the other: who is to be left out is named by all.
  if (itself === false && account === false) return true;
  return itself === true && account === true ? false : undefined;
}

/** How a grantee is named: as a principal is. Source: KMS API reference, CreateGrant, GranteePrincipal. */
export const isGrantee = (grantee: string, caller: Caller): Truth =>
  isAbout({ names: { AWS: grantee }, isExcept: false }, caller);

interface Naming {
  readonly itself: Truth;
  readonly account: Truth;
}

/** Services and federated users are never ours. */
function namingOf(names: Principals, caller: Caller): Naming {
  if (names === '*') return { itself: true, account: true };
  const arns = [names['AWS'] ?? []].flat();
  return {
    itself: anyOf(arns.map((name) => namesItself(name, caller))),
    account: arns.some((name) => namesAccount(name, caller)),
  };
}

/** What is left of a role that was deleted, and perhaps made anew, is its unique id. Source: as above. */
const UNIQUE_ID = /^A[A-Z0-9]{15,}$/;

function namesItself(name: string, { roleArn, sessionArn }: Caller): Truth {
  if (name === '*') return true;
  if (UNIQUE_ID.test(name)) return undefined;
  return anyOf([roleArn, sessionArn].map((arn) => matches(name, arn, { wildcards: false })));
}

const namesAccount = (name: string, { accountId }: Caller): boolean =>
  name === '*' || name === accountId || /^arn:[a-z-]+:iam::(\d{12}):root$/.exec(name)?.[1] === accountId;
