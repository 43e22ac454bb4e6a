import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { kmsClients, type SentRequest } from '../../../shared/adapters/kms-clients';
import { kmsDataKeyCrypto } from '../../../shared/adapters/kms-data-key-crypto';
import { kmsKeyObserver } from '../../../shared/adapters/kms-key-observer';
import { kmsKeyProver } from '../../../shared/adapters/kms-key-prover';
import { findingOf } from '../../../shared/domain/availability/key-evidence';
import { observeKey } from '../../../shared/domain/availability/observe-key';
import type { KeyRef } from '../../../shared/domain/keys/kms-key';
import { aKmsKey, anArn, aWatch, NOW, OUR_ACCOUNT, silentLog } from '../../support/make';
import { memoryRoles } from '../../support/memory-roles';

const sts = mockClient(new STSClient({ region: 'eu-central-1' }));
beforeEach(() => sts.reset().onAnyCommand().rejects(new Error('not stubbed')));

const role = { via: 'role', roleArn: 'arn:aws:iam::444455556666:role/keywright-use', externalId: 'ext-1' } as const;
const theirs: KeyRef = { kmsKeyArn: anArn('theirs', '444455556666'), access: role, customerId: 'acme' };
const ours: KeyRef = { kmsKeyArn: anArn('ours'), access: { via: 'key-policy' } };

interface Sent {
  readonly hostname: string;
  readonly headers: Record<string, string>;
}

/** Clients whose requests come to us instead of to AWS. */
function clientsThatTell() {
  const sent: Sent[] = [];
  const metadata = JSON.stringify({ KeyMetadata: { KeyId: 'one', Arn: 'arn', KeyState: 'Enabled' } });
  const handle = async (request: Sent) => {
    sent.push(request);
    const body = new TextEncoder().encode(metadata);
    return { response: { statusCode: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body } };
  };
  const clients = kmsClients(sts as unknown as STSClient, {
    credentials: { accessKeyId: 'OWN', secretAccessKey: 'own' },
    requestHandler: { handle } as never,
  });
  const describe = (key: KeyRef) => clients.of(key).send(new DescribeKeyCommand({ KeyId: key.kmsKeyArn }));
  return { clients, sent, describe };
}

const session = (minutes: number, accessKeyId = 'SESSION') => ({
  Credentials: {
    AccessKeyId: accessKeyId,
    SecretAccessKey: 'secret',
    SessionToken: 'token',
    Expiration: new Date(Date.now() + minutes * 60_000),
  },
});

const credentialOf = ({ headers }: Sent) => /Credential=(\w+)/.exec(headers['authorization'] ?? '')?.[1];

test('a key of ours is reached with our own credentials, in the region of its ARN', async () => {
  const { sent, describe } = clientsThatTell();

  await describe(ours);
  await describe({ ...ours, kmsKeyArn: 'arn:aws:kms:us-east-2:111122223333:key/far' });

  expect(sent.map(({ hostname }) => hostname)).toEqual([
    'kms.eu-central-1.amazonaws.com',
    'kms.us-east-2.amazonaws.com',
  ]);
  expect(sent.map(credentialOf)).toEqual(['OWN', 'OWN']);
});

test('a customer’s key is reached through their role, by our external id, under a name that says for whom', async () => {
  sts.on(AssumeRoleCommand).resolves(session(60));
  const { sent, describe } = clientsThatTell();

  await describe(theirs);

  expect(sent.map(credentialOf)).toEqual(['SESSION']);
  expect(sts.commandCalls(AssumeRoleCommand).map(({ args }) => args[0].input)).toEqual([
    { RoleArn: role.roleArn, ExternalId: 'ext-1', RoleSessionName: 'keywright-acme', DurationSeconds: 3600 },
  ]);
});

test('a session is used until shortly before it expires, then renewed', async () => {
  sts.on(AssumeRoleCommand).resolvesOnce(session(60, 'FIRST')).resolvesOnce(session(60, 'SECOND'));
  const long = clientsThatTell();
  for (let call = 0; call < 3; call += 1) await long.describe(theirs);
  sts.reset();
  sts.on(AssumeRoleCommand).resolvesOnce(session(2, 'ENDING')).resolvesOnce(session(60, 'NEW'));
  const short = clientsThatTell();
  for (let call = 0; call < 2; call += 1) await short.describe(theirs);

  expect(long.sent.map(credentialOf)).toEqual(['FIRST', 'FIRST', 'FIRST']);
  expect(short.sent.map(credentialOf).at(-1)).toBe('NEW');
});

test('many calls at once open one session', async () => {
  sts.on(AssumeRoleCommand).resolves(session(60));
  const { describe } = clientsThatTell();

  await Promise.all(Array.from({ length: 20 }, () => describe(theirs)));

  expect(sts.commandCalls(AssumeRoleCommand)).toHaveLength(1);
});

test('a session that is kept says nothing of whether the role lets us in anew: that is asked of STS each time', async () => {
  sts.on(AssumeRoleCommand).resolves(session(60));
  const { clients, describe } = clientsThatTell();
  const prover = kmsKeyProver(clients);
  await describe(theirs);
  await prover.proveRole(theirs);
  sts.on(AssumeRoleCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDenied' }));

  await expect(describe(theirs)).resolves.toBeDefined();
  await expect(prover.proveRole(theirs)).rejects.toMatchObject({ code: 'sts.role-refused' });
  await expect(prover.proveRole(ours)).resolves.toBeUndefined();
  expect(sts.commandCalls(AssumeRoleCommand).map(({ args }) => args[0].input.ExternalId)).toEqual(
    Array(3).fill('ext-1'),
  );
});

test('two customers never share a session, not even of the same role', async () => {
  sts.on(AssumeRoleCommand).resolves(session(60));
  const { describe } = clientsThatTell();

  await describe(theirs);
  await describe({ ...theirs, customerId: 'zeta' });
  await describe({ ...theirs, access: { ...role, externalId: 'ext-2' } });

  expect(sts.commandCalls(AssumeRoleCommand)).toHaveLength(3);
});

test('a customer id that no session name may hold is made to fit', async () => {
  sts.on(AssumeRoleCommand).resolves(session(60));
  const { describe } = clientsThatTell();

  await describe({ ...theirs, customerId: `Größe & Söhne/${'x'.repeat(80)}` });

  const name = sts.commandCalls(AssumeRoleCommand)[0]?.args[0].input.RoleSessionName;
  expect(name).toMatch(/^[\w+=,.@-]{2,64}$/);
});

test.each([
  ['AccessDenied', 'sts.role-refused', false],
  ['ThrottlingException', 'sts.unreachable', true],
  ['TimeoutError', 'sts.unreachable', true],
])('%s of STS means %s, and reaches the caller as such', async (name, code, retry) => {
  sts.on(AssumeRoleCommand).rejects(Object.assign(new Error('no'), { name }));
  const { describe } = clientsThatTell();

  await expect(describe(theirs)).rejects.toMatchObject({ code, retry, details: { roleArn: role.roleArn } });
});

test.each([
  ['AccessDenied', 'is not authorized to perform: sts:AssumeRole on resource: R', 'role-refused', 'unknown'],
  ['AccessDenied', 'because no role trust policy allows the sts:AssumeRole action', 'role-refused', 'customer'],
  ['AccessDenied', 'with an explicit deny in the role trust policy', 'role-refused', 'customer'],
  ['AccessDenied', 'with an explicit deny in a resource control policy', 'customer-rcp', 'customer'],
  ['AccessDenied', 'because no identity-based policy allows the sts:AssumeRole action', 'own-permissions', 'provider'],
  ['AccessDenied', 'with an explicit deny in a service control policy', 'own-scp', 'provider'],
  ['AccessDenied', 'because no permissions boundary allows the sts:AssumeRole action', 'own-permissions', 'provider'],
  [
    'AccessDenied',
    'because no VPC endpoint policy allows the sts:AssumeRole action',
    'own-endpoint-policy',
    'provider',
  ],
  ['AccessDenied', 'because no session policy allows the sts:AssumeRole action', 'own-permissions', 'provider'],
  ['NoSuchEntity', 'The role cannot be found.', 'role-refused', 'customer'],
  ['RegionDisabledException', 'STS is not activated in this region for account', 'role-refused', 'customer'],
])('%s of STS, “%s”, is %s by the %s', async (name, message, cause, party) => {
  sts.on(AssumeRoleCommand).rejects(Object.assign(new Error(message), { name }));
  const { clients } = clientsThatTell();
  const key = aKmsKey({ ...theirs, option: 'customer-managed' });
  const ports = {
    crypto: kmsDataKeyCrypto(clients),
    observer: kmsKeyObserver(clients),
    prover: kmsKeyProver(clients),
    roles: memoryRoles(),
    clock: { now: () => NOW },
    log: silentLog,
    ownAccountId: OUR_ACCOUNT,
  };

  const finding = findingOf(await observeKey(key, aWatch(), ports));

  const availability = party === 'provider' ? 'at-risk' : 'unavailable';
  expect(finding).toMatchObject({ availability, cause, party });
});

test('what may not be asked twice has a client that asks once', async () => {
  const { clients } = clientsThatTell();

  expect(await clients.onceOf(ours).config.maxAttempts()).toBe(1);
  expect(await clients.of(ours).config.maxAttempts()).toBeGreaterThan(1);
});

test('clients are kept in bounds', () => {
  const { clients } = clientsThatTell();
  const key = (n: number): KeyRef => ({ ...ours, customerId: `customer-${n}` });

  const first = clients.of(key(0));
  const same = clients.of(key(0));
  for (let n = 1; n <= 500; n += 1) clients.of(key(n));

  expect(same).toBe(first);
  expect(clients.of(key(0))).not.toBe(first);
});

test('what is not the ARN of a key is refused, naming the field', () => {
  expect(() => clientsThatTell().clients.of({ ...ours, kmsKeyArn: 'alias/x' })).toThrow(/^kmsKeyArn: /);
});

test('each request that is sent is told, also those that the client repeats by itself', async () => {
  const sent: SentRequest[] = [];
  const answers = [
    { statusCode: 400, body: { __type: 'ThrottlingException', message: 'You have exceeded the rate' } },
    { statusCode: 500, body: { __type: 'KMSInternalException', message: 'try again' } },
    { statusCode: 200, body: { KeyMetadata: { KeyId: 'one' } } },
  ];
  const handle = async () => {
    const { statusCode = 200, body = {} } = answers.shift() ?? {};
    const headers = { 'content-type': 'application/x-amz-json-1.1' };
    return { response: { statusCode, headers, body: new TextEncoder().encode(JSON.stringify(body)) } };
  };
  const config = { credentials: { accessKeyId: 'OWN', secretAccessKey: 'own' }, requestHandler: { handle } as never };
  const clients = kmsClients(sts as unknown as STSClient, config, (one) => sent.push(one));

  await clients.of(ours).send(new DescribeKeyCommand({ KeyId: ours.kmsKeyArn }));

  expect(sent.map(({ key, isThrottled }) => [key.kmsKeyArn, isThrottled])).toEqual([
    [ours.kmsKeyArn, true],
    [ours.kmsKeyArn, false],
    [ours.kmsKeyArn, false],
  ]);
});
