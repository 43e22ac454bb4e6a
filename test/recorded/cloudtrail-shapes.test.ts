/**
 * Our CloudTrail records beside AWS's own examples: the same operation with the same parameters must give a record with
 * the same fields, the same kind of resources in the same order, and the same marks.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Call, Json, JsonObject } from 'local-aws/call';
import { cloudTrail } from 'local-aws/cloudtrail/cloudtrail';
import { iam } from 'local-aws/iam/iam';
import { kmsEngine } from 'local-aws/kms/engine';
import { importInput } from 'local-aws/test/support/kms-import';
import { administratorOf, localWorld } from 'local-aws/test/support/local-world';

const FILE = resolve(__dirname, '../../../shared/data/cloudtrail/aws-docs-kms-records.jsonl');
const ACCOUNT = '111122223333';
const ADMINISTRATOR = `arn:aws:iam::${ACCOUNT}:user/administrator`;
const DAY_MS = 86_400_000;

type Recorded = JsonObject & { readonly eventName: string; readonly eventType: string };

/**
 * What AWS added to its records after the examples were written. Source: KMS Developer Guide, "Logging AWS KMS API calls"
 * (key ARN in `responseElements` since December 2022) and the current log entries of the operations named.
 */
const LATER: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  record: { '*': ['managementEvent', 'eventCategory', 'additionalEventData', 'errorMessage'] },
  responseElements: {
    ...Object.fromEntries(
      ['CreateAlias', 'CreateGrant', 'DeleteAlias', 'DisableKey', 'EnableKey', 'EnableKeyRotation', 'TagResource'].map(
        (operation) => [operation, ['keyId']],
      ),
    ),
    ScheduleKeyDeletion: ['pendingWindowInDays'],
  },
  requestParameters: {
    CreateKey: ['multiRegion', 'tags'],
    Decrypt: ['encryptionAlgorithm'],
    EnableKeyRotation: ['rotationPeriodInDays'],
    ReplicateKey: ['tags'],
  },
  serviceEventDetails: {
    RotateKey: ['currentKeyMaterialId', 'keyOrigin', 'previousKeyMaterialId', 'rotationType'],
    DeleteExpiredKeyMaterial: ['keyMaterialId'],
  },
};

/** What the example's caller had and ours has not: a session of the console. */
const OF_ANOTHER_CALLER = ['sessionContext'];

/** `resources` of ListAliases: the older guide shows an empty list, current records have none. */
const GONE: Readonly<Record<string, readonly string[]>> = { ListAliases: ['resources'] };

const OUT_OF_SCOPE: readonly { readonly reason: string; readonly is: (record: Recorded) => boolean }[] = [
  { reason: 'custom key stores are not part of local AWS', is: (record) => /CustomKeyStore/.test(record.eventName) },
  {
    reason: 'custom key stores are not part of local AWS',
    is: (record) => /customKeyStore/.test(JSON.stringify(record)),
  },
  {
    reason: 'no Nitro enclave makes calls here',
    is: (record) => 'recipient' in objectOf(record['additionalEventData']),
  },
  { reason: 'local KMS has no UpdatePrimaryRegion', is: (record) => record.eventName === 'UpdatePrimaryRegion' },
  { reason: 'no VPC endpoint stands before local AWS', is: (record) => record['vpcEndpointId'] !== undefined },
];

function setUp(region: string) {
  const world = localWorld();
  const published: JsonObject[] = [];
  const buses = {
    publish: (_account: string, _region: string, event: { detail: JsonObject }) => {
      if (event.detail['eventVersion']) published.push(event.detail);
    },
  };
  const trail = cloudTrail(world, { buses, objects: { createBucket: () => {}, put: () => {} } });
  const kms = kmsEngine(world, { iam: iam(world), trail, buses }, { quotas: { multiplier: 1000 } });
  const caller = administratorOf(ACCOUNT);
  const call = async (operation: string, input: JsonObject): Promise<JsonObject> => {
    const made: Call = {
      service: 'kms',
      operation,
      input,
      region,
      caller: { ...caller, accessKeyId: 'AKIAEXAMPLE' },
      requestId: 'r',
      sourceIp: '192.0.2.0',
      userAgent: 'test',
    };
    const outcome = await kms.handle(made);
    trail.record(made, outcome);
    return outcome.output ?? {};
  };
  const pass = (ms: number) => {
    world.clock.advance(ms);
    for (let beat = 0; beat < 10; beat += 1) kms.tick();
  };
  const newKey = async (input: JsonObject = {}) => {
    const { KeyMetadata } = await call('CreateKey', input);
    return String(objectOf(KeyMetadata)['Arn']);
  };
  return { world, published, call, pass, newKey };
}

type EngineDeps = ReturnType<typeof setUp>;
type Prepare = (world: EngineDeps, input: JsonObject, recorded: Recorded) => Promise<JsonObject>;

const encrypted = async ({ call }: EngineDeps, KeyId: string, context: Json | undefined) => {
  const more = context === undefined ? {} : { EncryptionContext: context };
  return (await call('Encrypt', { KeyId, Plaintext: 'YQ==', ...more }))['CiphertextBlob'];
};
const onKey =
  (create: JsonObject, more: JsonObject = {}): Prepare =>
  async ({ newKey }, input) => ({ ...input, KeyId: await newKey(create), ...more });

const SIGNING = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };

/** What a call needs beside the parameters of the record: a key to work on, and what CloudTrail does not log. */
const PREPARE: Readonly<Record<string, Prepare>> = {
  // The record shows both names of the key spec, of which a request gives one.
  CreateKey: async (_, { CustomerMasterKeySpec: _old, ...input }) => input,
  ListAliases: async ({ newKey, call }, input) => {
    const TargetKeyId = await newKey();
    for (const name of ['one', 'two']) await call('CreateAlias', { AliasName: `alias/${name}`, TargetKeyId });
    const { NextMarker } = await call('ListAliases', { Limit: 1 });
    return { ...input, Marker: NextMarker };
  },
  ListGrants: async ({ newKey, call }, input) => {
    const KeyId = await newKey();
    const grant = { KeyId, GranteePrincipal: ADMINISTRATOR };
    for (const operation of ['Encrypt', 'Decrypt']) await call('CreateGrant', { ...grant, Operations: [operation] });
    const { NextMarker } = await call('ListGrants', { KeyId, Limit: 1 });
    return { ...input, KeyId, Marker: NextMarker };
  },
  GenerateRandom: async () => ({ NumberOfBytes: 8 }),
  Encrypt: onKey({}, { Plaintext: 'YQ==' }),
  // One example is of a call that failed, since the key was not for encryption.
  GenerateDataKeyWithoutPlaintext: async ({ newKey }, input, { errorCode }) => ({
    ...input,
    KeyId: await newKey(errorCode === undefined ? {} : SIGNING),
  }),
  Decrypt: async (world, input) => {
    const KeyId = await world.newKey();
    const CiphertextBlob = await encrypted(world, KeyId, input['EncryptionContext']);
    return { ...input, ...('KeyId' in input && { KeyId }), CiphertextBlob };
  },
  ReEncrypt: async (world, input) => ({
    ...input,
    CiphertextBlob: await encrypted(world, await world.newKey(), input['SourceEncryptionContext']),
    DestinationKeyId: await world.newKey(),
  }),
  GenerateMac: onKey({ KeySpec: 'HMAC_512', KeyUsage: 'GENERATE_VERIFY_MAC' }, { Message: 'YQ==' }),
  Sign: onKey(
    { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' },
    { Message: 'YQ==', MessageType: 'RAW', SigningAlgorithm: 'ECDSA_SHA_256' },
  ),
  Verify: async ({ newKey, call }, input) => {
    const sign = { MessageType: 'RAW', SigningAlgorithm: 'ECDSA_SHA_256', Message: 'YQ==' };
    const KeyId = await newKey(SIGNING);
    const { Signature } = await call('Sign', { ...sign, KeyId });
    return { ...input, ...sign, KeyId, Signature };
  },
  CreateAlias: async ({ newKey }, input) => ({ ...input, TargetKeyId: await newKey() }),
  DeleteAlias: async ({ newKey, call }, input) => {
    await call('CreateAlias', { ...input, TargetKeyId: await newKey() });
    return input;
  },
  CreateGrant: onKey({}, { GranteePrincipal: ADMINISTRATOR }),
  RevokeGrant: async ({ newKey, call }, input) => {
    const KeyId = await newKey();
    const grantee = { GranteePrincipal: ADMINISTRATOR, Operations: ['Decrypt'] };
    const { GrantId } = await call('CreateGrant', { KeyId, ...grantee });
    return { ...input, KeyId, GrantId };
  },
  CancelKeyDeletion: async ({ newKey, call }, input) => {
    const KeyId = await newKey();
    await call('ScheduleKeyDeletion', { KeyId });
    return { ...input, KeyId };
  },
  PutKeyPolicy: async ({ newKey, call }, input) => {
    const KeyId = await newKey();
    const { Policy } = await call('GetKeyPolicy', { KeyId });
    return { ...input, KeyId, Policy };
  },
  GetParametersForImport: onKey({ Origin: 'EXTERNAL' }),
  ReplicateKey: onKey({ MultiRegion: true }),
  UpdatePrimaryRegion: async ({ newKey, call }, input) => {
    const KeyId = await newKey({ MultiRegion: true });
    await call('ReplicateKey', { KeyId, ReplicaRegion: input['PrimaryRegion'] });
    return { ...input, KeyId };
  },
};

/** What makes the service act by itself. */
const CAUSES: Readonly<Record<string, (world: EngineDeps) => Promise<void>>> = {
  RotateKey: async ({ newKey, call, pass }) => {
    await call('EnableKeyRotation', { KeyId: await newKey() });
    pass(366 * DAY_MS);
  },
  DeleteKey: async ({ newKey, call, pass }) => {
    await call('ScheduleKeyDeletion', { KeyId: await newKey(), PendingWindowInDays: 7 });
    pass(9 * DAY_MS);
  },
  DeleteExpiredKeyMaterial: async ({ newKey, call, pass, world }) => {
    const validTo = Math.floor(world.clock.now() / 1000) + 3600;
    const client = { call, failure: neverAsked, trailOf: neverAsked };
    const expiry = { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: validTo };
    const KeyId = await newKey({ Origin: 'EXTERNAL' });
    await call('ImportKeyMaterial', await importInput(client, KeyId, randomBytes(32), expiry));
    pass(2 * 3_600_000);
  },
};

async function neverAsked(): Promise<never> {
  throw new Error('importing asks for nothing else');
}

async function ourRecord(recorded: Recorded): Promise<JsonObject | undefined> {
  const world = setUp(String(recorded['awsRegion']));
  if (recorded.eventType === 'AwsServiceEvent') {
    await CAUSES[recorded.eventName]?.(world);
    return world.published.find(({ eventName }) => eventName === recorded.eventName);
  }
  const logged = objectOf(callOf(recorded['requestParameters'] ?? {}));
  const prepare = PREPARE[recorded.eventName] ?? onKey({});
  const input = await prepare(world, logged, recorded);
  await world.call(recorded.eventName, input);
  return world.published.filter(({ eventName }) => eventName === recorded.eventName).at(-1);
}

/** Requests name members with a capital first letter; names inside an encryption context are the caller's own. */
function callOf(value: Json): Json {
  if (Array.isArray(value)) return value.map(callOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => {
      const member = name.charAt(0).toUpperCase() + name.slice(1);
      return [member, /encryptioncontext/i.test(name) || held === undefined ? held : callOf(held)];
    }),
  );
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

const namesOf = (record: JsonObject, field: string) => Object.keys(objectOf(record[field])).sort();
const kindsOf = (record: JsonObject) =>
  (record['resources'] as readonly JsonObject[] | undefined)?.map(
    ({ ARN }) => String(ARN).split(':')[5]?.split('/')[0],
  );

/** How our record differs from the example. */
function differences(recorded: Recorded, ours: JsonObject): string[] {
  const found: string[] = [];
  const note = (what: string, actual: unknown, expected: unknown) => {
    const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (one !== other) found.push(`${what}: ${one} instead of ${other}`);
  };
  const compare = (part: string, actual: readonly string[], expected: readonly string[]) => {
    const later = [...(LATER[part]?.['*'] ?? []), ...(LATER[part]?.[recorded.eventName] ?? [])];
    const left = part === 'userIdentity' ? OF_ANOTHER_CALLER : (GONE[recorded.eventName] ?? []);
    const required = expected.filter((name) => !left.includes(name));
    note(
      `${part} lacks`,
      required.filter((name) => !actual.includes(name)),
      [],
    );
    note(
      `${part} also has`,
      actual.filter((name) => ![...required, ...later].includes(name)),
      [],
    );
  };
  const caller = objectOf(recorded['userIdentity']);
  const isUser = caller['type'] === 'IAMUser' && caller['invokedBy'] === undefined;
  const parts = ['requestParameters', 'responseElements', 'serviceEventDetails', ...(isUser ? ['userIdentity'] : [])];
  compare('record', Object.keys(ours), Object.keys(recorded));
  for (const part of parts) compare(part, namesOf(ours, part), namesOf(recorded, part));
  for (const mark of ['eventSource', 'eventType', 'readOnly', 'errorCode']) note(mark, ours[mark], recorded[mark]);
  if (!GONE[recorded.eventName]?.includes('resources')) note('resources', kindsOf(ours), kindsOf(recorded));
  return found;
}

test('our record of each operation has the fields of AWS’s example', async () => {
  const lines = readFileSync(FILE, 'utf8').trim().split('\n');
  const records = lines.map((line) => JSON.parse(line).record as Recorded);
  const outside = records.flatMap((record) => {
    const reason = OUT_OF_SCOPE.find(({ is }) => is(record))?.reason;
    return reason ? [{ record, reason }] : [];
  });
  const inScope = records.filter((record) => !outside.some((one) => one.record === record));

  const found: string[] = [];
  for (const recorded of inScope) {
    const ours = await ourRecord(recorded);
    const unlike = ours ? differences(recorded, ours) : ['no such record'];
    if (unlike.length > 0)
      if (ours?.['errorMessage']) console.log(recorded.eventName, ours['errorCode'], ours['errorMessage']);
    if (unlike.length > 0) found.push(`${recorded.eventName} ${recorded['eventVersion']}: ${unlike.join('; ')}`);
  }

  console.log(
    [
      `recorded cloudtrail shapes: ${inScope.length} cases ran, ${inScope.length - found.length} passed, ${outside.length} out of scope`,
      ...outside.map(({ record, reason }) => `  out of scope: ${record.eventName}: ${reason}`),
    ].join('\n'),
  );
  expect(found).toEqual([]);
  expect(records).toHaveLength(49);
});
