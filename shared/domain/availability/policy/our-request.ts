/**
 * A request of ours as a policy sees it: what we know of it for certain, how it begins where that is all we know, and nothing of
 * what AWS or the roles of applications decide: networks, tags, organisations.
 * Source of the condition keys: IAM User Guide, "AWS global condition context keys"; KMS developer guide, "Condition keys for
 * AWS KMS".
 */
import { type KeyRef, type KmsKey, toObserve } from '../../keys/kms-key';
import type { PolicyRequest } from './decide';
import { CONTEXT_NAMES, type Need } from './needed-actions';
import type { Value } from './pattern';
import type { Caller } from './principals';

const CONTEXT_PREFIX = 'kms:encryptioncontext:';
/** Of `kms:EncryptionContext:NAME` and `kms:EncryptionContextKeys`. */
const CONTEXT_KEYS_PREFIX = 'kms:encryptioncontext';

/**
 * What a direct call of ours does not carry: those of calls by and for AWS services, of grants, and of calls that name an
 * alias. Ours name the key by its ARN.
 */
export const ABSENT: ReadonlySet<string> = new Set([
  'aws:calledvia',
  'aws:calledviafirst',
  'aws:calledvialast',
  'aws:principalservicename',
  'aws:principalservicenameslist',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:username',
  'kms:grantisforawsresource',
  'kms:requestalias',
  'kms:viaservice',
]);

/** The request by which we take what we need of the key. */
export function requestFor(need: Need, key: KmsKey, ownAccountId: string): PolicyRequest {
  const ref = need.as === 'observer' ? toObserve(key) : key;
  const caller = callerOf(ref, ownAccountId);
  const known = new Map<string, readonly Value[]>([
    ...alwaysKnown(caller, key.kmsKeyArn),
    ...(need.as === 'user' ? contextOf(key) : [[`${CONTEXT_PREFIX.slice(0, -1)}keys`, []] as const]),
  ]);
  const context = (name: string) => {
    const isAbsent = ABSENT.has(name) || name.startsWith(CONTEXT_PREFIX);
    return known.get(name) ?? (isAbsent ? [] : undefined);
  };
  return { action: need.action, resource: key.kmsKeyArn, caller, context };
}

/** The same request under an encryption context that nobody knows. */
export const inAnyContext = (request: PolicyRequest): PolicyRequest => ({
  ...request,
  context: (name) => (name.startsWith(CONTEXT_KEYS_PREFIX) ? undefined : request.context(name)),
});

/** `arn:aws:kms:REGION:ACCOUNT:key/ID` */
function partsOf(arn: string) {
  const [, partition = '', , region = '', accountId = '', resource = ''] = arn.split(':');
  return { partition, region, accountId, resource };
}

/** The account that a key, or a role, is in. */
export const accountOf = (arn: string): string => partsOf(arn).accountId;

/** By a customer's role we are that role; else some role of our own account, of which applications have their own. */
function callerOf({ access, kmsKeyArn }: KeyRef, ownAccountId: string): Caller {
  if (access.via === 'key-policy') return ourRoles(kmsKeyArn, ownAccountId);
  const { partition, accountId, resource } = partsOf(access.roleArn);
  // A session's ARN has the role's name without its path.
  const name = resource.split('/').at(-1) ?? '';
  const sessionArn = { startsWith: `arn:${partition}:sts::${accountId}:assumed-role/${name}/` };
  return { accountId, roleArn: access.roleArn, sessionArn };
}

/** Some role of our account. @param arn Of anything in our partition. */
export function ourRoles(arn: string, ownAccountId: string): Caller {
  const { partition } = partsOf(arn);
  return {
    accountId: ownAccountId,
    roleArn: { startsWith: `arn:${partition}:iam::${ownAccountId}:role/` },
    sessionArn: { startsWith: `arn:${partition}:sts::${ownAccountId}:assumed-role/` },
  };
}

/** What a request carries of a session of a role, whatever it asks for. */
export const callerKeys = ({ accountId, roleArn }: Caller): readonly [string, readonly Value[]][] => [
  ['aws:principalarn', [roleArn]],
  ['aws:principalaccount', [accountId]],
  ['aws:principaltype', ['AssumedRole']],
  ['aws:principalisawsservice', ['false']],
  ['aws:viaawsservice', ['false']],
  ['aws:securetransport', ['true']],
];

const alwaysKnown = (caller: Caller, kmsKeyArn: string): readonly [string, readonly Value[]][] => [
  ...callerKeys(caller),
  ['aws:requestedregion', [partsOf(kmsKeyArn).region]],
  ['aws:resourceaccount', [accountOf(kmsKeyArn)]],
  ['kms:calleraccount', [caller.accountId]],
];

/** Whose data it is differs from call to call where a key serves many customers; which data store and data key, always. */
const contextOf = ({ customerId }: Pick<KmsKey, 'customerId'>): readonly [string, readonly Value[]][] => [
  [`${CONTEXT_PREFIX.slice(0, -1)}keys`, CONTEXT_NAMES],
  ...CONTEXT_NAMES.map((name): [string, readonly Value[]] => {
    const isCustomer = name === 'keywright:customerId' && customerId !== undefined;
    return [`${CONTEXT_PREFIX}${name.toLowerCase()}`, [isCustomer ? customerId : { startsWith: '' }]];
  }),
];
