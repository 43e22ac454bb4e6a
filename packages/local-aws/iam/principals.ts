/**
 * The Principal element of a resource policy.
 * Source: IAM User Guide, "AWS JSON policy elements: Principal".
 */
import type { JsonObject, Principal } from '../call';

/** How a Principal element names a caller: by itself, or only by the account it belongs to. */
export type NamedBy = 'principal' | 'account' | undefined;

export function namedBy(element: JsonObject[string], caller: Principal): NamedBy {
  if (element === '*') return 'principal';
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return undefined;
  const names = element as JsonObject;
  if (caller.type === 'AWSService') return namesOf(names['Service']).includes(caller.arn) ? 'principal' : undefined;

  const ways = namesOf(names['AWS']).map((name) => namesCaller(name, caller));
  return ways.includes('principal') ? 'principal' : ways.find((way) => way !== undefined);
}

function namesCaller(name: string, caller: Principal): NamedBy {
  if (name === '*' || name === caller.arn || name === caller.role?.arn) return 'principal';
  if (name === caller.principalId || name === caller.role?.principalId) return 'principal';
  return name === caller.accountId || name === `arn:aws:iam::${caller.accountId}:root` ? 'account' : undefined;
}

function namesOf(names: JsonObject[string]): readonly string[] {
  if (typeof names === 'string') return [names];
  return Array.isArray(names) ? names.map(String) : [];
}
