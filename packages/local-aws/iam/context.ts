/**
 * The condition keys of a request: what the caller decides, what the service says, and the time.
 * Source: IAM User Guide, "AWS global condition context keys".
 */
import type { Principal } from '../call';
import type { Permission } from '../contracts';
import { own } from '../own-property';
import type { Context } from './pattern';

const isService = (caller: Principal) => caller.type === 'AWSService';

/** Keys in lower case: their names are not case-sensitive. */
const CALLER_KEYS: Readonly<Record<string, (caller: Principal) => string | undefined>> = {
  'aws:principalarn': (caller) => (isService(caller) ? undefined : (caller.role?.arn ?? caller.arn)),
  'aws:principalaccount': (caller) => (isService(caller) ? undefined : caller.accountId),
  'aws:principaltype': (caller) =>
    ({ IAMUser: 'User', AssumedRole: 'AssumedRole', AWSService: undefined, Anonymous: 'Anonymous' })[caller.type],
  'aws:userid': (caller) => caller.principalId,
  'aws:username': (caller) => (caller.type === 'IAMUser' ? caller.arn.split('/').at(-1) : undefined),
  'aws:principalisawsservice': (caller) => String(isService(caller)),
  'aws:principalservicename': (caller) => (isService(caller) ? caller.arn : undefined),
};

const GENERAL_KEYS: Readonly<Record<string, (permission: Permission, nowMs: number) => string>> = {
  'aws:currenttime': (_, nowMs) => new Date(nowMs).toISOString(),
  'aws:epochtime': (_, nowMs) => String(Math.floor(nowMs / 1000)),
  'aws:resourceaccount': ({ resourceAccountId }) => resourceAccountId,
  /** The door stands where AWS ends TLS: what comes in over loopback counts as having come in over TLS. */
  'aws:securetransport': () => 'true',
};

export function contextOf(caller: Principal, permission: Permission, nowMs: number): Context {
  let said: Map<string, readonly string[]> | undefined;
  return (key) => {
    const value = own(CALLER_KEYS, key)?.(caller) ?? own(GENERAL_KEYS, key)?.(permission, nowMs);
    if (value !== undefined) return [value];
    said ??= saidByService(permission);
    return said.get(key);
  };
}

function saidByService({ conditions = {} }: Permission): Map<string, readonly string[]> {
  return new Map(
    Object.entries(conditions).map(([key, value]) => [key.toLowerCase(), typeof value === 'string' ? [value] : value]),
  );
}
