/** CloudTrail records and KMS's own events that lie, as the accounts of customers would forward them. */
import { randomUUID } from 'node:crypto';
import { ACCOUNT, REGION } from 'local-aws/test/support/local-aws';
import { aChange } from '../key-events';
import type { ForgeryWorld, Kind, Party } from './kind';

type Fields = Readonly<Record<string, unknown>>;

/** What names the id of an entry that nobody else's stream may hold. */
export const FORGED = 'forged-';

interface Sent {
  readonly source?: string;
  readonly detailType?: string;
  readonly resources?: readonly string[];
  readonly time?: string;
}

/** An event of AWS in that account, with whatever detail. @returns the id that an entry of it would have. */
export function fromAccount({ product }: ForgeryWorld, accountId: string, detail: Fields, sent: Sent = {}): unknown {
  const isService = detail['eventType'] === 'AwsServiceEvent';
  product.aws.serviceEvent(accountId, REGION, {
    source: sent.source ?? 'aws.kms',
    'detail-type': sent.detailType ?? `AWS ${isService ? 'Service Event' : 'API Call'} via CloudTrail`,
    time: sent.time ?? secondsOf(product.aws.clock.now()),
    resources: sent.resources ?? [],
    detail: detail as never,
  });
  return detail['eventID'];
}

export const secondsOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** What a record says that somebody did. */
const ACTS: Readonly<Record<string, Fields>> = {
  'that a key was disabled': { eventName: 'DisableKey' },
  'that a policy was put': { eventName: 'PutKeyPolicy' },
  'that a use was refused': { eventName: 'Decrypt', readOnly: true, errorCode: 'AccessDenied', errorMessage: 'no' },
  'that KMS rotated': { eventName: 'RotateKey', eventType: 'AwsServiceEvent' },
};

interface Lie {
  readonly name: string;
  readonly ends: 'ignored' | 'kept' | 'looked';
  /** Whose key is named, whose copy it is, who called: over a record of the sender's account. */
  fields(world: ForgeryWorld): Fields;
}

const listed = (...arns: readonly string[]) => ({ resources: arns.map((ARN) => ({ ARN })) });
const idOf = (kmsKeyArn: string): string => kmsKeyArn.split('/')[1] ?? '';
const named = ({ kmsKeyArn }: Party) => listed(kmsKeyArn);
const identity = (accountId: string, arn: string) => ({ userIdentity: { type: 'AssumedRole', accountId, arn } });

/** Of a customer who tells of others, each with any of the acts. */
const LIES_OF_A_NEIGHBOUR: readonly Lie[] = [
  { name: 'names a key of another customer', ends: 'ignored', fields: ({ victim }) => named(victim) },
  {
    name: 'calls itself the copy of the other account',
    ends: 'ignored',
    fields: ({ victim }) => ({ ...named(victim), recipientAccountId: victim.accountId }),
  },
  {
    name: 'calls itself a copy of ours',
    ends: 'ignored',
    fields: ({ victim }) => ({ ...named(victim), recipientAccountId: ACCOUNT }),
  },
  {
    name: 'does not say whose copy it is',
    ends: 'ignored',
    fields: ({ victim }) => ({ ...named(victim), recipientAccountId: undefined }),
  },
  {
    name: 'says that the other customer called',
    ends: 'ignored',
    fields: ({ victim }) => ({
      ...named(victim),
      ...identity(victim.accountId, `arn:aws:iam::${victim.accountId}:root`),
    }),
  },
  {
    name: 'says that a role of ours called',
    ends: 'ignored',
    fields: ({ victim }) => ({
      ...named(victim),
      ...identity(ACCOUNT, `arn:aws:sts::${ACCOUNT}:assumed-role/keywright-dev-assess-key/x`),
    }),
  },
  {
    name: 'gives the key the sender’s account as its owner',
    ends: 'ignored',
    fields: ({ victim, neighbour }) => ({
      resources: [{ ARN: victim.kmsKeyArn, accountId: neighbour.accountId, type: 'AWS::KMS::Key' }],
    }),
  },
  { name: 'names a key of ours', ends: 'ignored', fields: ({ ourKeyArn }) => listed(ourKeyArn) },
  {
    name: 'names the other’s key by an alias',
    ends: 'ignored',
    fields: ({ victim }) => ({
      ...listed(`arn:aws:kms:${REGION}:${victim.accountId}:alias/${victim.customerId}-data`),
      requestParameters: { keyId: victim.kmsKeyArn },
    }),
  },
  {
    name: 'names the other’s key in the answer alone',
    ends: 'ignored',
    fields: ({ victim }) => ({ resources: [], responseElements: { keyId: victim.kmsKeyArn } }),
  },
  {
    name: 'names the other’s key in the refusal alone',
    ends: 'ignored',
    fields: ({ victim }) => ({ resources: [], errorMessage: `${victim.kmsKeyArn} is disabled.` }),
  },
  {
    name: 'names the other’s key in another partition',
    ends: 'ignored',
    fields: ({ victim }) => listed(`arn:aws-cn:kms:cn-north-1:${victim.accountId}:key/${idOf(victim.kmsKeyArn)}`),
  },
  {
    name: 'names the other’s key in another Region',
    ends: 'ignored',
    fields: ({ victim }) => ({
      ...listed(victim.kmsKeyArn.replace(REGION, 'us-east-1')),
      awsRegion: 'us-east-1',
    }),
  },
  {
    name: 'names an ARN that is none',
    ends: 'ignored',
    fields: ({ victim }) => listed(`${victim.kmsKeyArn}\n`, `arn:aws:kms:${REGION}:${victim.accountId}:key/`),
  },
  {
    name: 'gives the id of the other’s key an account of its own',
    ends: 'ignored',
    fields: ({ victim, neighbour }) => listed(victim.kmsKeyArn.replace(victim.accountId, neighbour.accountId)),
  },
  {
    name: 'names an own key before the other’s',
    ends: 'kept',
    fields: ({ victim, neighbour }) => listed(neighbour.kmsKeyArn, victim.kmsKeyArn),
  },
  {
    name: 'names an own key after the other’s',
    ends: 'kept',
    fields: ({ victim, neighbour }) => listed(victim.kmsKeyArn, neighbour.kmsKeyArn),
  },
  {
    name: 'carries the context of another customer beside an own key',
    ends: 'kept',
    fields: ({ victim, neighbour }) => ({ ...named(neighbour), requestParameters: contextOf(victim) }),
  },
  {
    name: 'carries the context of another customer and no key',
    ends: 'ignored',
    fields: ({ victim }) => ({ resources: [], requestParameters: contextOf(victim) }),
  },
  {
    name: 'shares the id of a call that we made',
    ends: 'kept',
    fields: ({ neighbour }) => ({ ...named(neighbour), sharedEventID: 'of-ours' }),
  },
];

const contextOf = ({ customerId }: Party) => ({
  encryptionContext: { 'keywright:customerId': customerId, 'keywright:dataStoreId': 'documents' },
});

/** Of the customer whose key it is, or of somebody who has their account: a hint, whatever it says. */
const LIES_OF_THE_HOLDER: readonly (Lie & { readonly act: string })[] = [
  ...['DisableKey', 'ScheduleKeyDeletion', 'DeleteImportedKeyMaterial', 'RevokeGrant', 'EnableKey', 'CreateGrant'].map(
    (eventName): Lie & { readonly act: string } => ({
      name: `${eventName} that nobody called`,
      act: 'that a key was disabled',
      ends: 'looked',
      fields: ({ victim }) => ({ ...named(victim), eventName }),
    }),
  ),
  ...Object.entries({
    'that keeps us out, and that nobody put': '{"Version":"2012-10-17","Statement":[]}',
    'that does not parse': '{"Version":',
    'that is larger than KMS takes': JSON.stringify({ Statement: [], Id: 'x'.repeat(40_000) }),
  }).map(([name, policy]): Lie & { readonly act: string } => ({
    name: `a policy ${name}`,
    act: 'that a policy was put',
    ends: 'looked',
    fields: ({ victim }) => ({ ...named(victim), requestParameters: { keyId: victim.kmsKeyArn, policy } }),
  })),
  {
    name: 'an old record, sent again',
    act: 'that a key was disabled',
    ends: 'looked',
    fields: ({ victim }) => ({ ...named(victim), eventTime: '2020-01-01T00:00:00Z', eventName: 'UntagResource' }),
  },
  {
    name: 'a record of the far future',
    act: 'that a key was disabled',
    ends: 'looked',
    fields: ({ victim }) => ({ ...named(victim), eventTime: '2099-01-01T00:00:00Z', eventName: 'TagResource' }),
  },
  {
    name: 'that a call of ours was refused, told by another trail than ours',
    act: 'that a use was refused',
    ends: 'kept',
    fields: ({ victim }) => ({
      ...named(victim),
      ...identity(ACCOUNT, `arn:aws:sts::${ACCOUNT}:assumed-role/application/x`),
    }),
  },
  {
    name: 'a rotation to material that KMS does not have',
    act: 'that KMS rotated',
    ends: 'kept',
    fields: ({ victim }) => ({
      ...named(victim),
      serviceEventDetails: { keyId: victim.kmsKeyArn, currentKeyMaterialId: 'f'.repeat(64) },
    }),
  },
];

function recordOf(world: ForgeryWorld, sender: Party, act: string, fields: Fields): Fields {
  return {
    ...aChange('', { eventTime: secondsOf(world.product.aws.clock.now()), recipientAccountId: sender.accountId }),
    ...identity(sender.accountId, `arn:aws:iam::${sender.accountId}:user/admin`),
    requestParameters: null,
    ...ACTS[act],
    ...fields,
    eventID: `${FORGED}${randomUUID()}`,
  };
}

/** Records that are no record of KMS, over one that is good. */
const BROKEN: Readonly<Record<string, Fields>> = {
  'a time that is none': { eventTime: 'yesterday' },
  'a day that is none': { eventTime: '2026-02-30T00:00:00Z' },
  'a number for a time': { eventTime: 5 },
  'no id': { eventID: undefined },
  'no name of what was called': { eventName: undefined },
  'an object for its keys': { resources: { ARN: 'x' } },
  'another service: IAM': { eventSource: 'iam.amazonaws.com', eventName: 'PutRolePolicy' },
  'another service: STS': { eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', errorCode: 'AccessDenied' },
  'another kind than its event says': { eventType: 'AwsVpceEvent' },
  'nothing in it': Object.fromEntries(Object.keys(aChange('')).map((name) => [name, undefined])),
};

/** Events that are no CloudTrail record, each about the victim's key. */
const NATIVE: readonly (readonly [name: string, ends: Kind['ends'], by: 'victim' | 'neighbour', Sent])[] = [
  ['deletion', 'ignored', 'neighbour', { detailType: 'KMS CMK Deletion' }],
  ['expiry of material', 'ignored', 'neighbour', { detailType: 'KMS Imported Key Material Expiration' }],
  ['rotation', 'ignored', 'neighbour', { detailType: 'KMS CMK Rotation' }],
  ['event of no kind that KMS has', 'ignored', 'neighbour', { detailType: 'KMS CMK Theft' }],
  ['deletion that names no key', 'ignored', 'neighbour', { detailType: 'KMS CMK Deletion', resources: [] }],
  ['deletion that names no ARN', 'ignored', 'victim', { detailType: 'KMS CMK Deletion', resources: ['acme-data'] }],
  ['deletion that did not happen', 'looked', 'victim', { detailType: 'KMS CMK Deletion' }],
  [
    'expiry that will be in the far future',
    'looked',
    'victim',
    { detailType: 'KMS Imported Key Material Expiration', time: '2099-01-01T00:00:00Z' },
  ],
  ['error of IAM', 'ignored', 'neighbour', { source: 'aws.iam', detailType: 'AWS API Call via CloudTrail' }],
  ['error of STS', 'unmatched', 'neighbour', { source: 'aws.sts', detailType: 'AWS API Call via CloudTrail' }],
  ['notice of AWS Health', 'unmatched', 'neighbour', { source: 'aws.health', detailType: 'AWS Health Event' }],
];

/** Every record and event of AWS that lies while all keys serve. */
export const FORGED_RECORDS: readonly Kind[] = [
  ...LIES_OF_A_NEIGHBOUR.flatMap(({ name, ends, fields }) =>
    Object.keys(ACTS).map(
      (act): Kind => ({
        name: `a neighbour’s record, ${act}, ${name}`,
        ends,
        send: (world) =>
          fromAccount(world, world.neighbour.accountId, recordOf(world, world.neighbour, act, fields(world))),
      }),
    ),
  ),
  ...LIES_OF_THE_HOLDER.map(
    ({ name, act, ends, fields }): Kind => ({
      name: `a holder’s record: ${name}`,
      ends,
      send: (world) => fromAccount(world, world.victim.accountId, recordOf(world, world.victim, act, fields(world))),
    }),
  ),
  ...Object.entries(BROKEN).map(
    ([name, fields]): Kind => ({
      name: `a neighbour’s record with ${name}`,
      ends: 'ignored',
      send: (world) => {
        const record = recordOf(world, world.neighbour, 'that a key was disabled', named(world.victim));
        const broken = JSON.parse(JSON.stringify({ ...record, ...fields }));
        return fromAccount(world, world.neighbour.accountId, broken, { detailType: 'AWS API Call via CloudTrail' });
      },
    }),
  ),
  ...NATIVE.map(
    ([name, ends, by, sent]): Kind => ({
      name: `a ${by === 'victim' ? 'holder' : by}’s event of AWS: ${name}`,
      ends,
      send: (world) => {
        const detail = { 'key-id': idOf(world.victim.kmsKeyArn) };
        fromAccount(world, world[by].accountId, detail, { resources: [world.victim.kmsKeyArn], ...sent });
      },
    }),
  ),
  {
    name: 'a stranger’s record of their own account',
    ends: 'unmatched',
    send: (world) => {
      const stranger = { ...world.victim, accountId: world.strangerAccountId };
      fromAccount(world, stranger.accountId, recordOf(world, stranger, 'that a key was disabled', named(world.victim)));
    },
  },
  {
    name: 'a holder’s record twice, the second with other content under the same id',
    ends: 'looked',
    send: (world) => {
      const record = recordOf(world, world.victim, 'that a key was disabled', named(world.victim));
      for (const eventName of ['DisableKey', 'RetireGrant'])
        fromAccount(world, world.victim.accountId, { ...record, eventName });
    },
  },
];

/** What tells that a key is back, while it is away. */
export const FORGED_RETURNS: readonly Kind[] = ['EnableKey', 'CancelKeyDeletion', 'ImportKeyMaterial'].flatMap(
  (eventName) =>
    (['victim', 'neighbour'] as const).map(
      (by): Kind => ({
        name: `${eventName} that nobody called, told by ${by === 'victim' ? 'the holder' : 'a neighbour'}, while the key is away`,
        ends: by === 'victim' ? 'looked' : 'ignored',
        send: (world) => {
          const fields = { ...named(world.victim), eventName };
          fromAccount(world, world[by].accountId, recordOf(world, world[by], 'that a key was disabled', fields));
        },
      }),
    ),
);
