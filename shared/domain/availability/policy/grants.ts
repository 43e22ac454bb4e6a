/**
 * Whether a grant gives what a key policy does not. A grant needs no policy beside it; what a policy denies it does not give.
 * Source: KMS developer guide, "Grants in AWS KMS"; KMS API reference, GrantConstraints.
 */
import type { Context as EncryptionContext, KeyGrant } from '../../keys/ports';
import type { Decision, PolicyRequest } from './decide';
import { matches } from './pattern';
import { isGrantee } from './principals';
import { allOf, anyOf, type Truth } from './three-valued-logic';

/** The decision of the policy with the key's grants; undefined where they could not be read. */
export function withGrants(
  decision: Decision,
  grants: readonly KeyGrant[] | undefined,
  request: PolicyRequest,
): Decision {
  if (decision.effect !== 'refused' || decision.isExplicit) return decision;
  const given = grants && anyOf(grants.map((grant) => gives(grant, request)));
  if (given === false) return decision;
  const statement = decision.maybeDenied ?? 'a grant';
  const effect = given === true && decision.maybeDenied === undefined ? 'allowed' : 'unknown';
  return { effect, statement };
}

function gives({ grantee, operations, contextSubset, contextEquals }: KeyGrant, request: PolicyRequest): Truth {
  const { action, caller, context } = request;
  const size = context(CONTEXT_KEYS)?.length;
  // A call without an encryption context is bound by no constraint: DescribeKey.
  const isFree = size === 0;
  return allOf([
    isGrantee(grantee, caller),
    operations.some((operation) => action === `kms:${operation}`),
    isFree || contextSubset === undefined || holds(contextSubset, request),
    isFree ||
      contextEquals === undefined ||
      (Object.keys(contextEquals).length === size && holds(contextEquals, request)),
  ]);
}

const CONTEXT_KEYS = 'kms:encryptioncontextkeys';

const holds = (wanted: EncryptionContext, { context }: PolicyRequest): Truth =>
  allOf(
    Object.entries(wanted).map(([name, text]) => {
      const [value] = context(`kms:encryptioncontext:${name.toLowerCase()}`) ?? [];
      return value !== undefined && matches(text, value, { wildcards: false });
    }),
  );
