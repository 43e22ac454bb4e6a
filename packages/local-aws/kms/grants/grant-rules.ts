/** What a grant allows, to whom, and under which encryption context. */
import type { Principal } from '../../call';
import type { Grant, GrantConstraints } from './grant-repository';

export interface GrantedUse {
  /** The operation as grants name it: `Decrypt`, `ReEncryptFrom`. */
  readonly operation: string;
  /** Undefined where the operation has no encryption context. */
  readonly context: Readonly<Record<string, string>> | undefined;
  readonly tokens: readonly string[];
  readonly nowMs: number;
}

/** Operations to which constraints do not apply, since they carry no encryption context. Source: CreateGrant, SDK. */
const UNCONSTRAINED = new Set(['DescribeKey', 'GetPublicKey', 'RetireGrant', 'CreateGrant']);

export function grantAllows(grant: Grant, caller: Principal, use: GrantedUse): boolean {
  if (!grant.operations.includes(use.operation) || !isGrantee(grant, caller)) return false;
  if (grant.effectiveAtMs > use.nowMs && !use.tokens.includes(grant.token)) return false;
  return UNCONSTRAINED.has(use.operation) || meets(grant.constraints, use.context ?? {});
}

export function isGrantee(grant: Grant, caller: Principal): boolean {
  return names(grant.granteePrincipal, caller) || isService(grant.granteeServicePrincipal, caller);
}

export function isRetiring(grant: Grant, caller: Principal): boolean {
  return names(grant.retiringPrincipal, caller) || isService(grant.retiringServicePrincipal, caller);
}

/** A principal is named by its own ARN, by its role's ARN, or by its account's root. */
function names(principalArn: string | undefined, caller: Principal): boolean {
  if (principalArn === undefined) return false;
  return [caller.arn, caller.role?.arn, `arn:aws:iam::${caller.accountId}:root`].includes(principalArn);
}

function isService(service: string | undefined, caller: Principal): boolean {
  return service !== undefined && caller.type === 'AWSService' && caller.arn === service;
}

/** `SourceArn` is kept and shown but not evaluated: no call of local AWS carries a source resource. */
function meets(constraints: GrantConstraints | undefined, context: Readonly<Record<string, string>>): boolean {
  const { EncryptionContextSubset: subset, EncryptionContextEquals: equals } = constraints ?? {};
  if (subset && !contains(context, subset)) return false;
  return !equals || (contains(context, equals) && Object.keys(context).length === Object.keys(equals).length);
}

/** Whether a grant made under `parent` gives no more than `parent` gives. */
export function isWithin(child: Pick<Grant, 'operations' | 'constraints'>, parent: Grant): boolean {
  const operations = child.operations.every((name) => parent.operations.includes(name));
  const { EncryptionContextSubset: subset, EncryptionContextEquals: equals } = parent.constraints ?? {};
  const own = { ...child.constraints?.EncryptionContextSubset, ...child.constraints?.EncryptionContextEquals };
  return (
    operations && contains(own, { ...subset, ...equals }) && (!equals || !!child.constraints?.EncryptionContextEquals)
  );
}

function contains(context: Readonly<Record<string, string>>, part: Readonly<Record<string, string>>): boolean {
  return Object.entries(part).every(([name, value]) => context[name] === value);
}
