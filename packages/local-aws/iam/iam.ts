/**
 * Who may do what in local AWS: accounts, roles, sessions, and the decision over identity and resource policies.
 *
 * Within an account either side may allow; across accounts both must; a deny on either side wins.
 * Source: IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic".
 */
import { AwsError, type Principal } from '../call';
import type { Effect, EngineDeps, Iam, Permission, PolicyDocument, Role, SessionCredentials } from '../contracts';
import { contextOf } from './context';
import { accessDenied, type Reason } from './denial';
import { identityPolicyEffect, type PolicyRequest, policyFault, resourcePolicyEffect } from './policy';
import {
  type Credential,
  forgetKeptAdministrators,
  forgetOldSessions,
  newAdministrator,
  newSession,
  sessionCredentials,
  sessionTable,
} from './sessions';

/** What only the door and STS need: the secrets that signatures are checked with, and narrowed sessions. */
export interface Credentials {
  /** The credential behind an access key, expired or not; undefined for a key that nobody ever held. */
  credentialOf(accessKeyId: string): Credential | undefined;
  openSession(
    roleArn: string,
    sessionName: string,
    durationSeconds: number,
    sessionPolicy?: PolicyDocument,
  ): SessionCredentials;
  /** Condition keys of a request beside the caller's own are asked of the trust policy as well. */
  trusts(role: Role, caller: Principal, conditions: NonNullable<Permission['conditions']>): boolean;
}

const ADMINISTRATOR_POLICY: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

export function iam(world: Pick<EngineDeps, 'store' | 'clock'>): Iam & Credentials {
  const { store, clock } = world;
  const roles = store.table<Role>('iam.roles');
  const managed = store.table<PolicyDocument>('iam.managed-policies');
  const sessions = sessionTable(store);
  forgetKeptAdministrators(store);
  /** By access key id. */
  const administrators = new Map<string, Credential>();
  const credentialOf = (accessKeyId: string) => administrators.get(accessKeyId) ?? sessions.get(accessKeyId);

  const requestOf = (caller: Principal, permission: Permission): PolicyRequest => ({
    action: permission.action,
    resource: permission.resource,
    caller,
    context: contextOf(caller, permission, clock.now()),
  });

  /** A session of a role that was deleted, or made anew since, has no policies any more. */
  const identityPolicies = (caller: Principal): readonly PolicyDocument[] => {
    if (caller.type === 'IAMUser') return [ADMINISTRATOR_POLICY];
    const role = caller.role && roles.get(caller.role.arn);
    return role?.principalId === caller.role?.principalId ? (role?.policies ?? []) : [];
  };

  const identity = (
    caller: Principal,
    request: PolicyRequest,
  ): { effect: Effect; decidedBy: 'identity-based' | 'session' } => {
    const own = combined(identityPolicies(caller).map((policy) => identityPolicyEffect(policy, request)));
    const sessionPolicy = credentialOf(caller.accessKeyId ?? '')?.session?.policy;
    if (own !== 'allow' || sessionPolicy === undefined) return { effect: own, decidedBy: 'identity-based' };
    return { effect: identityPolicyEffect(sessionPolicy, request), decidedBy: 'session' };
  };

  /** Why the caller is refused; undefined when it is not. */
  const refusal = (caller: Principal, permission: Permission): Reason | undefined => {
    const request = requestOf(caller, permission);
    const own = identity(caller, request);
    if (own.effect === 'deny') return { denying: own.decidedBy };
    const attached = permission.resourcePolicy && resourcePolicyEffect(permission.resourcePolicy, request);
    if (attached?.effect === 'deny') return { denying: 'resource-based' };

    const named = attached?.effect === 'allow';
    if (caller.type === 'AWSService') return named ? undefined : { missing: 'resource-based' };
    if (caller.accountId === permission.resourceAccountId) {
      const allowed = own.effect === 'allow' || (named && attached.via === 'principal');
      return allowed ? undefined : { missing: own.decidedBy };
    }
    if (own.effect !== 'allow') return { missing: own.decidedBy };
    return named ? undefined : { missing: 'resource-based' };
  };

  return {
    require(caller, permission) {
      const reason = refusal(caller, permission);
      if (reason) throw accessDenied(caller, permission.action, permission.resource, reason);
    },
    identityEffect: (caller, permission) => identity(caller, requestOf(caller, permission)).effect,
    resourceEffect: (policy, caller, permission) => resourcePolicyEffect(policy, requestOf(caller, permission)),

    trusts(role, caller, conditions) {
      const permission = {
        action: 'sts:AssumeRole',
        resource: role.arn,
        resourceAccountId: role.accountId,
        conditions,
      };
      const request = requestOf(caller, permission);
      const trust = resourcePolicyEffect(role.trustPolicy, request);
      const own = identity(caller, request).effect;
      if (trust.effect !== 'allow' || own === 'deny') return false;
      const isOwnAccount = caller.accountId === role.accountId;
      return caller.type === 'AWSService' || own === 'allow' || (isOwnAccount && trust.via === 'principal');
    },

    openAccount(accountId) {
      const made = newAdministrator(accountId);
      const { accessKeyId, secretAccessKey } = administrators.get(made.accessKeyId) ?? made;
      if (!administrators.has(accessKeyId)) administrators.set(accessKeyId, made);
      return { accessKeyId, secretAccessKey };
    },
    principalOf(accessKeyId) {
      const credential = credentialOf(accessKeyId);
      const hasExpired = credential?.session !== undefined && credential.session.expiresAt <= clock.now();
      return hasExpired ? undefined : credential?.principal;
    },
    credentialOf,

    putRole(role) {
      const fault = [role.trustPolicy, ...role.policies].map(policyFault).find((found) => found !== undefined);
      if (fault !== undefined) throw new AwsError('MalformedPolicyDocument', `Role ${role.name}: ${fault}`);
      roles.set(role.arn, role);
    },
    roleOf: (roleArn) => roles.get(roleArn),
    roleNamed: (accountId, name) =>
      [...roles.values()].find(
        (role) => role.accountId === accountId && role.name.toLowerCase() === name.toLowerCase(),
      ),
    deleteRole: (roleArn) => roles.delete(roleArn),
    putManagedPolicy: (policyArn, document) => managed.set(policyArn, document),
    managedPolicyOf: (policyArn) => managed.get(policyArn),

    openSession(roleArn: string, sessionName: string, durationSeconds: number, sessionPolicy?: PolicyDocument) {
      const role = roles.get(roleArn);
      if (role === undefined)
        throw new AwsError('NoSuchEntity', `The role ${roleArn} cannot be found.`, { status: 404 });
      forgetOldSessions(world);
      const options = { name: sessionName, durationSeconds, now: clock.now() };
      const session = newSession(role, sessionPolicy ? { ...options, policy: sessionPolicy } : options);
      sessions.set(session.accessKeyId, session);
      return sessionCredentials(session);
    },
  };
}

function combined(effects: readonly Effect[]): Effect {
  if (effects.includes('deny')) return 'deny';
  return effects.includes('allow') ? 'allow' : 'none';
}
