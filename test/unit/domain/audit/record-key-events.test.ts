import { hash } from 'node:crypto';
import fc from 'fast-check';
import { ContractViolation } from '../../../../events/define-event';
import { relayCanary } from '../../../../events/relay-canary';
import { jsonForSqs } from '../../../../shared/domain/audit/json-text';
import { type Outcome, recordKeyEvents as record } from '../../../../shared/domain/audit/record-key-events';
import type { KeyWatch } from '../../../../shared/domain/availability/key-watch';
import { nextLookAt } from '../../../../shared/domain/availability/next-look';
import { canaryContextOf } from '../../../../shared/domain/availability/observe-key';
import { OPERATOR_ID } from '../../../../shared/domain/customers/customer';
import { customerLookup } from '../../../../shared/domain/customers/customer-lookup';
import { KeywrightError } from '../../../../shared/domain/errors';
import type { KmsKey } from '../../../../shared/domain/keys/kms-key';
import { newRetirement } from '../../../../shared/domain/retirement/retirement';
import { aChange, anEnvelope, aRecord, CUSTOMER_ACCOUNT, received, viaCloudTrail } from '../../../support/key-events';
import {
  aCustomer,
  aKmsKey,
  aMaterial,
  anArn,
  aPolicy,
  aWatch,
  after as fromNow,
  NOW,
  OUR_ACCOUNT,
  silentLog,
} from '../../../support/make';
import { memoryAuditQueue } from '../../../support/memory-audit-queue';
import { memoryControlStore } from '../../../support/memory-control-store';
import { memoryKeyUses } from '../../../support/memory-key-uses';
import { memoryLastUses } from '../../../support/memory-last-uses';

/** Events as the queue hands them on. */
const recordKeyEvents = (events: readonly unknown[], ports: Parameters<typeof record>[1]) =>
  record(events.map(received), ports);

const THEIR_KEY = anArn('theirs', CUSTOMER_ACCOUNT);
const SHARED_KEY = anArn('shared');

const WRITER = {
  roleArn: `arn:aws:iam::${OUR_ACCOUNT}:role/keywright-dev-append-audit`,
  signingKeyArn: anArn('signing'),
  controlTableName: 'control',
};

/** acme on a key of ours, globex on a key of their own, initech on a key that customers share. */
function world() {
  const control = memoryControlStore();
  control.given('customer', aCustomer(), aCustomer({ customerId: 'globex', accountId: CUSTOMER_ACCOUNT }));
  control.given('customer', aCustomer({ customerId: 'initech', option: 'managed' }));
  const { customerId: _, ...shared } = aKmsKey({ kmsKeyArn: SHARED_KEY, option: 'managed' });
  control.given('kms-key', aKmsKey(), aKmsKey({ kmsKeyArn: THEIR_KEY, customerId: 'globex' }), shared);
  const queue = memoryAuditQueue();
  const ports = {
    control,
    customers: customerLookup(control),
    queue,
    uses: memoryKeyUses(),
    lastUses: memoryLastUses(),
    wasPutOff: () => false,
    log: silentLog,
    clock: { now: () => NOW },
    ownAccountId: OUR_ACCOUNT,
    lookingRoles: new Set(['assess-key', 'probe-keys']),
    streamWriter: WRITER,
  };
  const entries = () =>
    queue.sent.flatMap(({ customerId, entries: list }) => list.map((entry) => ({ customerId, ...entry })));
  return { ports, control, queue, sent: queue.sent, entries };
}

const recordedFor = (...customerIds: readonly string[]): Outcome => ({ outcome: 'recorded', customerIds });
const reasonOf = (outcome: Outcome | undefined) => (outcome?.outcome === 'ignored' ? outcome.reason : undefined);
const signalsOf = (control: ReturnType<typeof memoryControlStore>) =>
  control.outbox.map(({ detail }) => [detail['signal'], detail['kmsKeyArn']]);

test('a call with a key of one customer becomes an entry of their stream, under the names of the event', async () => {
  const { ports, entries } = world();

  const outcomes = await recordKeyEvents([viaCloudTrail(aRecord({ sharedEventID: 'shared-1' }))], ports);

  expect(outcomes).toEqual([recordedFor('acme')]);
  expect(entries()).toMatchObject([{ customerId: 'acme', dedupeKeys: ['event-1', 'shared:shared-1'] }]);
  expect(JSON.parse(entries()[0]?.json ?? '')).toMatchObject({
    customerId: 'acme',
    operation: 'Decrypt',
    outcome: 'ok',
  });
});

test('a call with a key that customers share goes to the customer of its encryption context', async () => {
  const { ports } = world();
  const record = aRecord({
    resources: [{ ARN: SHARED_KEY }],
    requestParameters: { encryptionContext: { 'keywright:customerId': 'initech' } },
  });

  expect(await recordKeyEvents([viaCloudTrail(record)], ports)).toEqual([recordedFor('initech')]);
});

test.each([
  ['nobody we know', 'nobody'],
  ['the operator', OPERATOR_ID],
  ['more than a key can hold', 'x'.repeat(3_000)],
  ['no Unicode', '\uD800'],
])('a context that names %s goes to the operator', async (_, customerId) => {
  const { ports, entries } = world();
  const record = aRecord({
    resources: [{ ARN: SHARED_KEY }],
    requestParameters: { encryptionContext: { 'keywright:customerId': customerId } },
  });

  const outcomes = await recordKeyEvents([viaCloudTrail(record)], ports);

  expect(outcomes).toEqual([recordedFor(OPERATOR_ID)]);
  expect(JSON.parse(entries()[0]?.json ?? '')).toMatchObject({ customerId: OPERATOR_ID, record });
});

test('an insider who takes a customer’s data key under a key of their own shows in both streams', async () => {
  const { ports, entries } = world();
  const record = aRecord({
    eventName: 'ReEncrypt',
    requestParameters: {
      sourceEncryptionContext: { 'keywright:customerId': 'acme' },
      destinationEncryptionContext: { 'keywright:customerId': 'x'.repeat(3_000) },
    },
    resources: [{ ARN: anArn() }, { ARN: anArn('insiders') }],
  });

  expect(await recordKeyEvents([viaCloudTrail(record)], ports)).toEqual([recordedFor('acme', OPERATOR_ID)]);
  const [acmes, operators] = entries().map(({ json }) => JSON.parse(json));
  expect(acmes).toMatchObject({ operation: 'ReEncrypt', kmsKeyArns: [anArn()], redacted: expect.any(String) });
  expect(operators).toMatchObject({ kmsKeyArns: [anArn(), anArn('insiders')], record });
});

describe('a context names a customer, and is believed where nothing else can tell', () => {
  const named = (customerId: string) => ({ 'keywright:customerId': customerId });
  const insiders = { ARN: anArn('insiders') };

  test('whoever takes a customer’s data key under a key of their own hides it in nobody’s name', async () => {
    const { ports, entries } = world();
    const record = aRecord({
      eventName: 'ReEncrypt',
      requestParameters: { sourceEncryptionContext: named('acme'), destinationEncryptionContext: named('initech') },
      resources: [{ ARN: anArn() }, insiders],
    });

    expect(await recordKeyEvents([viaCloudTrail(record)], ports)).toEqual([recordedFor('acme', OPERATOR_ID)]);
    expect(JSON.parse(entries()[1]?.json ?? '')).toMatchObject({ kmsKeyArns: [anArn(), insiders.ARN], record });
  });

  test('a key that nobody registered writes into no customer’s stream', async () => {
    const { ports } = world();
    const fields = { eventName: 'Encrypt', resources: [insiders] };
    const ours = aRecord({ ...fields, requestParameters: { encryptionContext: named('initech') } });
    const theirs = { ...ours, ...aChange('Encrypt', { resources: [{ ARN: anArn('strange', CUSTOMER_ACCOUNT) }] }) };

    const outcomes = await recordKeyEvents(
      [viaCloudTrail(ours), viaCloudTrail({ ...theirs, requestParameters: { encryptionContext: named('globex') } })],
      ports,
    );

    expect(outcomes[0]).toEqual(recordedFor(OPERATOR_ID));
    expect(reasonOf(outcomes[1])).toBeDefined();
  });

  test('where a record names no key it goes to the customer, and whole to the operator', async () => {
    const { ports, entries } = world();
    const refused = { errorCode: 'AccessDenied', errorMessage: 'no', resources: null };
    const one = aRecord({ ...refused, requestParameters: { encryptionContext: named('initech') } });
    const two = aRecord({
      ...refused,
      eventName: 'ReEncrypt',
      eventID: 'two',
      requestParameters: { sourceEncryptionContext: named('acme'), destinationEncryptionContext: named('initech') },
    });

    expect(await recordKeyEvents([viaCloudTrail(one), viaCloudTrail(two)], ports)).toEqual([
      recordedFor('initech', OPERATOR_ID),
      recordedFor('acme', 'initech', OPERATOR_ID),
    ]);
    const whole = entries().filter(({ customerId }) => customerId === OPERATOR_ID);
    expect(whole.map(({ json }) => JSON.parse(json).record)).toEqual([one, two]);
  });

  test('each key costs one read, whether it is registered or not', async () => {
    const { ports, control } = world();
    const read: string[] = [];
    const find: typeof control.find = async (entityType, id) => {
      if (entityType === 'kms-key') read.push(id);
      return control.find(entityType, id);
    };
    const customers = customerLookup({ find, ofCustomer: control.ofCustomer });

    await recordKeyEvents([viaCloudTrail(aRecord()), viaCloudTrail(aRecord({ resources: [insiders] }))], {
      ...ports,
      customers,
    });

    expect(read.sort()).toEqual([anArn(), insiders.ARN].sort());
  });
});

test.each([
  ['with a key that nobody registered', { resources: [{ ARN: anArn('stranger') }] }],
  ['that names no key', { eventName: 'CreateCustomKeyStore', readOnly: false, resources: [], requestParameters: null }],
])('a call of our own account %s goes to the operator', async (_, fields) => {
  const { ports } = world();

  expect(await recordKeyEvents([viaCloudTrail(aRecord(fields))], ports)).toEqual([recordedFor(OPERATOR_ID)]);
});

describe('what writing a stream causes', () => {
  const session = `arn:aws:sts::${OUR_ACCOUNT}:assumed-role/keywright-dev-append-audit/session`;
  const signature = (fields: Parameters<typeof aRecord>[0] = {}) =>
    aRecord({
      eventName: 'Sign',
      userIdentity: { type: 'AssumedRole', accountId: OUR_ACCOUNT, arn: session },
      resources: [{ ARN: WRITER.signingKeyArn }],
      ...fields,
    });
  const tableContext = { 'aws:dynamodb:tableName': 'control', 'aws:dynamodb:subscriberId': OUR_ACCOUNT };
  const unwrapping = (fields: Parameters<typeof aRecord>[0] = {}) =>
    aRecord({
      userIdentity: { type: 'AssumedRole', arn: session, invokedBy: 'dynamodb.amazonaws.com' },
      requestParameters: { encryptionContext: tableContext },
      resources: [{ ARN: anArn('of-dynamodb') }],
      ...fields,
    });
  const inContext = (pairs: Readonly<Record<string, string | undefined>>) =>
    JSON.parse(JSON.stringify({ requestParameters: { encryptionContext: { ...tableContext, ...pairs } } }));
  const by = (arn: string) => ({ userIdentity: { type: 'AssumedRole', accountId: OUR_ACCOUNT, arn } });

  test.each([
    ['a signature', signature()],
    ['a signature that was refused', signature({ errorCode: 'AccessDenied' })],
    ['a signature that failed and names no key', signature({ errorCode: 'ThrottlingException', resources: null })],
    ['the key of the control table', unwrapping()],
    ['a signature by a session of any name', signature(by(session.replace('/session', '/mallory')))],
  ])('is recorded like any other call, and waits for the next, or it would cause itself: %s', async (_, record) => {
    const { ports, entries } = world();

    expect(await recordKeyEvents([viaCloudTrail(record)], ports)).toEqual([recordedFor(OPERATOR_ID)]);
    expect(entries()).toMatchObject([{ deferred: true }]);
    expect(JSON.parse(entries()[0]?.json ?? '')).toMatchObject({ record });
  });

  test.each([
    ['a signature by another role', signature(by(`arn:aws:sts::${OUR_ACCOUNT}:assumed-role/admin/insider`))],
    ['by a role whose name begins alike', signature(by(session.replace('append-audit/', 'append-audit-2/')))],
    ['by a user', signature(by(`arn:aws:iam::${OUR_ACCOUNT}:user/append-audit`))],
    ['with another key', signature({ resources: [{ ARN: anArn('other') }] })],
    ['of another kind', signature({ eventName: 'ScheduleKeyDeletion', readOnly: false })],
    ['with a customer’s key', signature({ resources: [{ ARN: anArn() }] })],
    ['the key of another table', unwrapping(inContext({ 'aws:dynamodb:tableName': 'x' }))],
    ['the key of another account’s table', unwrapping(inContext({ 'aws:dynamodb:subscriberId': CUSTOMER_ACCOUNT }))],
    ['the key of a table that names no account', unwrapping(inContext({ 'aws:dynamodb:subscriberId': undefined }))],
    [
      'a grant for the table',
      unwrapping({
        eventName: 'CreateGrant',
        readOnly: false,
        requestParameters: { constraints: { encryptionContextSubset: tableContext } },
      }),
    ],
    ['the key of the table, by hand', unwrapping(by(session))],
  ])('nothing else waits: %s', async (_, record) => {
    const { ports, entries } = world();

    await recordKeyEvents([viaCloudTrail(record)], ports);

    expect(entries().map(({ deferred }) => deferred)).toEqual([undefined]);
  });
});

test('a ReEncrypt between two customers reaches both, and shows neither the other', async () => {
  const { ports, entries } = world();
  const record = aRecord({
    eventName: 'ReEncrypt',
    requestParameters: {
      sourceEncryptionContext: { 'keywright:customerId': 'acme' },
      destinationEncryptionContext: { 'keywright:customerId': 'globex' },
    },
    resources: [{ ARN: anArn() }, { ARN: THEIR_KEY }],
  });

  expect(await recordKeyEvents([viaCloudTrail(record)], ports)).toEqual([recordedFor('acme', 'globex')]);
  const [ours = '', theirs = ''] = entries().map(({ json }) => json);
  expect([ours.includes('globex'), ours.includes(THEIR_KEY)]).toEqual([false, false]);
  expect([theirs.includes('acme'), theirs.includes(anArn())]).toEqual([false, false]);
});

test('an event of a registered customer, forwarded by their account, is recorded and signalled', async () => {
  const { ports, control } = world();

  const outcomes = await recordKeyEvents([viaCloudTrail(aChange('DisableKey'))], ports);

  expect(outcomes).toEqual([recordedFor('globex')]);
  expect(control.outbox).toMatchObject([
    {
      detailType: 'key-signal-received.v1',
      detail: { kmsKeyArn: THEIR_KEY, signal: 'customer-event', signalledAt: '2026-11-24T11:59:58.000Z' },
    },
  ]);
});

test.each([
  ["about another customer's key", { resources: [{ ARN: anArn() }] }, undefined],
  ['about a key that nobody registered', { resources: [{ ARN: anArn('stranger', CUSTOMER_ACCOUNT) }] }, undefined],
  ['whose record is of another account', { recipientAccountId: '777788889999' }, CUSTOMER_ACCOUNT],
  ['that passes for our own account', { recipientAccountId: OUR_ACCOUNT }, CUSTOMER_ACCOUNT],
  ['from an account that is nobody’s', { recipientAccountId: '777788889999' }, '777788889999'],
])('a forwarded event %s changes nothing', async (_what, fields, account) => {
  const { ports, control, sent } = world();

  const [outcome] = await recordKeyEvents([viaCloudTrail(aChange('DisableKey', fields), account)], ports);

  expect(reasonOf(outcome)).toBeDefined();
  expect([control.outbox, sent]).toEqual([[], []]);
});

test.each([
  'DisableKey',
  'EnableKey',
  'ScheduleKeyDeletion',
  'CancelKeyDeletion',
  'PutKeyPolicy',
  'RevokeGrant',
  'DeleteImportedKeyMaterial',
])('%s is a signal when it worked, and none when it was refused', async (eventName) => {
  const worked = world();
  const refused = world();

  await recordKeyEvents([viaCloudTrail(aChange(eventName))], worked.ports);
  await recordKeyEvents([viaCloudTrail(aChange(eventName, { errorCode: 'NotFoundException' }))], refused.ports);

  expect(signalsOf(worked.control)).toEqual([['customer-event', THEIR_KEY]]);
  expect(signalsOf(refused.control)).toEqual([]);
});

test.each([
  ['AccessDenied', 1],
  ['AccessDeniedException', 1],
  ['DisabledException', 1],
  ['KMSInvalidStateException', 1],
  ['NotFoundException', 1],
  ['ThrottlingException', 0],
  ['InvalidCiphertextException', 0],
  ['KMSInternalException', 0],
  ['DryRunOperationException', 0],
])('our own call that fails with %s makes %i signals', async (errorCode, signals) => {
  const { ports, control } = world();

  await recordKeyEvents([viaCloudTrail(aRecord({ errorCode, errorMessage: 'refused' }))], ports);

  expect(signalsOf(control)).toEqual(Array.from({ length: signals }, () => ['own-failure', anArn()]));
});

const calledBy = (role: string) => ({
  type: 'AssumedRole',
  accountId: OUR_ACCOUNT,
  arn: `arn:aws:sts::${OUR_ACCOUNT}:assumed-role/${role}/one`,
});

test.each(['assess-key', 'probe-keys'])(
  'a look of %s that is refused is recorded, and asks for no other',
  async (role) => {
    const { ports, control } = world();
    const refusal = { userIdentity: calledBy(role), errorCode: 'AccessDenied', requestParameters: null };

    expect(await recordKeyEvents([viaCloudTrail(aRecord(refusal))], ports)).toEqual([recordedFor('acme')]);
    expect(signalsOf(control)).toEqual([]);
  },
);

test.each([
  ['that states the context of the canary', calledBy('app')],
  [
    'whose session is named after a function that looks',
    { ...calledBy('app'), arn: `${calledBy('app').arn}/assess-key` },
  ],
  ['that does not say who called', { accountId: OUR_ACCOUNT }],
])('a call of ours %s is a signal all the same', async (_what, userIdentity) => {
  const { ports, control } = world();
  const encryptionContext = canaryContextOf({ kmsKeyArn: anArn(), customerId: 'acme' });
  const refusal = { userIdentity, errorCode: 'AccessDenied', requestParameters: { encryptionContext } };

  await recordKeyEvents([viaCloudTrail(aRecord(refusal))], ports);

  expect(signalsOf(control)).toEqual([['own-failure', anArn()]]);
});

test('that a call of ours failed is told by our own trail alone', async () => {
  const { ports, control } = world();
  const copy = {
    recipientAccountId: CUSTOMER_ACCOUNT,
    resources: [{ ARN: THEIR_KEY }],
    errorCode: 'DisabledException',
  };
  const userIdentity = { type: 'AWSAccount', principalId: 'AROA:one', accountId: OUR_ACCOUNT };

  expect(await recordKeyEvents([viaCloudTrail(aRecord({ ...copy, userIdentity }))], ports)).toEqual([
    recordedFor('globex'),
  ]);
  expect(signalsOf(control)).toEqual([]);
});

test('a refusal names its key in its message where the record lists none', async () => {
  const { ports, control } = world();
  const errorMessage = `User: arn:aws:sts::${OUR_ACCOUNT}:assumed-role/app/one is not authorized to perform: kms:Decrypt on resource: ${THEIR_KEY} because no resource-based policy allows the kms:Decrypt action`;
  const { resources: _, ...record } = aRecord({ errorCode: 'AccessDenied', errorMessage });

  const outcomes = await recordKeyEvents([viaCloudTrail(record)], ports);

  expect(outcomes).toEqual([recordedFor('globex')]);
  expect(signalsOf(control)).toEqual([['own-failure', THEIR_KEY]]);
});

test('a call of somebody else that fails says nothing of whether we can use the key', async () => {
  const { ports, control } = world();
  const userIdentity = { type: 'AWSAccount', accountId: '777788889999' };

  await recordKeyEvents([viaCloudTrail(aRecord({ userIdentity, errorCode: 'AccessDenied' }))], ports);

  expect(signalsOf(control)).toEqual([]);
});

test('while a key is known to be away, further failures are recorded and no longer signalled', async () => {
  const { ports, control } = world();
  control.given('key-watch', aWatch({ availability: 'unavailable' }));

  const outcomes = await recordKeyEvents([viaCloudTrail(aRecord({ errorCode: 'DisabledException' }))], ports);

  expect(outcomes).toEqual([recordedFor('acme')]);
  expect(signalsOf(control)).toEqual([]);
});

test('a key that many customers share is signalled, and the operator’s stream tells of it', async () => {
  const { ports, control } = world();
  const record = aChange('DisableKey', { resources: [{ ARN: SHARED_KEY }], recipientAccountId: OUR_ACCOUNT });

  expect(await recordKeyEvents([viaCloudTrail(record)], ports)).toEqual([recordedFor(OPERATOR_ID)]);
  expect(signalsOf(control)).toEqual([['customer-event', SHARED_KEY]]);
});

test('what a customer’s account forwards takes no name that a record of ours or a fact may have', async () => {
  const { ports, entries } = world();
  const ids = { eventID: 'event-1', sharedEventID: 'shared-1' };

  await recordKeyEvents([viaCloudTrail(aChange('DisableKey', ids))], ports);
  await recordKeyEvents([viaCloudTrail(aRecord({ ...ids, resources: [{ ARN: THEIR_KEY }] }))], ports);

  const [forwarded, ours] = entries();
  expect(ours).toMatchObject({ dedupeKeys: ['event-1', 'shared:shared-1'] });
  expect(forwarded).toMatchObject({
    dedupeKeys: [`from:${CUSTOMER_ACCOUNT}:event-1`],
    supersededBy: ['shared:shared-1'],
  });
});

test('a forged copy does not keep the signal of our own record back', async () => {
  const { ports, control } = world();
  const failed = { eventID: 'event-1', errorCode: 'DisabledException', resources: [{ ARN: THEIR_KEY }] };

  await recordKeyEvents([viaCloudTrail(aRecord({ ...failed, recipientAccountId: CUSTOMER_ACCOUNT }))], ports);
  await recordKeyEvents([viaCloudTrail(aRecord(failed))], ports);

  expect(signalsOf(control)).toEqual([['own-failure', THEIR_KEY]]);
});

test('many failures of one key in one batch are one signal and an entry each', async () => {
  const { ports, control, entries } = world();
  const events = Array.from({ length: 10 }, (_, at) =>
    viaCloudTrail(aRecord({ eventID: `event-${at}`, errorCode: 'DisabledException' })),
  );

  await recordKeyEvents(events, ports);

  expect([control.outbox.length, entries().length]).toEqual([1, 10]);
});

test('of two changes to a key in one batch each is a signal, the second too where the first is none that is new', async () => {
  const { ports, control } = world();
  const changes = (...names: readonly string[]) =>
    names.map((name) => viaCloudTrail(aChange(name, { eventID: `${name}-${names.length}` })));

  await recordKeyEvents(changes('TagResource'), ports);
  await recordKeyEvents(changes('TagResource', 'DisableKey'), ports);

  expect(control.outbox.map(({ detail }) => detail['observed'])).toEqual([
    `TagResource in account ${CUSTOMER_ACCOUNT}`,
    `DisableKey in account ${CUSTOMER_ACCOUNT}`,
  ]);
});

test('the same batch again makes no second signal, and names each entry as before', async () => {
  const { ports, control, sent } = world();
  const events = [viaCloudTrail(aChange('DisableKey'))];

  await recordKeyEvents(events, ports);
  await recordKeyEvents(events, ports);

  expect(control.outbox).toHaveLength(1);
  expect(sent[1]).toEqual(sent[0]);
});

test.each([
  ['KMS CMK Deletion', { 'key-id': 'theirs' }, 1],
  ['KMS Imported Key Material Expiration', { 'key-id': 'theirs' }, 1],
  ['KMS CMK Rotation', { 'key-id': 'theirs' }, 0],
])('the native event "%s" makes no entry, since its CloudTrail twin does', async (detailType, detail, signals) => {
  const { ports, control, sent } = world();
  // EventBridge gives times to the second.
  const envelope = { ...anEnvelope('aws.kms', detailType, detail), time: '2026-11-24T11:59:58Z' };
  const event = { ...envelope, account: CUSTOMER_ACCOUNT, resources: [THEIR_KEY] };

  const outcomes = await recordKeyEvents([event], ports);

  expect([outcomes.map(({ outcome }) => outcome).includes('failed'), sent]).toEqual([false, []]);
  expect(signalsOf(control)).toEqual(Array.from({ length: signals }, () => ['native-event', THEIR_KEY]));
});

test('a forwarded use of a key that is not of that account is an entry of the customer, and nothing more', async () => {
  const { ports, control } = world();
  const forged = (eventID: string, fields = {}) =>
    viaCloudTrail(
      aRecord({
        eventID,
        resources: [{ ARN: SHARED_KEY }],
        requestParameters: { encryptionContext: { 'keywright:customerId': 'globex' } },
        recipientAccountId: CUSTOMER_ACCOUNT,
        ...fields,
      }),
    );
  const { customerId: _, ...shared } = aKmsKey({ kmsKeyArn: SHARED_KEY, option: 'managed', state: 'disabled' });
  control.given('kms-key', shared);

  const outcomes = await recordKeyEvents([forged('use'), forged('miss', { errorCode: 'DisabledException' })], ports);

  expect(outcomes).toEqual([recordedFor('globex'), recordedFor('globex')]);
  expect([control.outbox, await ports.lastUses.of(SHARED_KEY)]).toEqual([[], undefined]);
});

test("a native event about another account's key is not believed", async () => {
  const { ports, control } = world();
  const event = { ...anEnvelope('aws.kms', 'KMS CMK Deletion', { 'key-id': 'one' }), resources: [anArn()] };

  await recordKeyEvents([{ ...event, account: CUSTOMER_ACCOUNT }], ports);

  expect(control.outbox).toEqual([]);
});

describe('facts', () => {
  const detail = { factId: 'fact-1', at: NOW, kmsKeyArn: anArn(), customerId: 'acme' };
  const aFact = (fields: Readonly<Record<string, unknown>> = {}, detailType = 'key-retired.v1') =>
    anEnvelope('keywright', detailType, { ...detail, ...fields });
  /** Whose outbox holds the fact that the event carries. */
  const knowing = async (event: ReturnType<typeof aFact>) => {
    const made = world();
    const fact = {
      factId: 'fact-1',
      detailType: String(event['detail-type']),
      detail: event['detail'] as typeof detail,
    };
    await made.control.commit({ writes: [], facts: [fact] });
    return made;
  };

  test('become entries of their customer’s stream', async () => {
    const { ports, entries } = await knowing(aFact());

    expect(await recordKeyEvents([aFact()], ports)).toEqual([recordedFor('acme')]);
    expect(entries()).toMatchObject([{ customerId: 'acme', dedupeKeys: ['fact:fact-1'] }]);
  });

  test('that name no customer become entries of the operator’s stream', async () => {
    const nobodys = aFact({ customerId: undefined });
    const { ports } = await knowing(nobodys);

    expect(await recordKeyEvents([nobodys], ports)).toEqual([recordedFor(OPERATOR_ID)]);
  });

  test.each([
    ['tells of a stream itself', aFact({}, 'audit-appended.v1')],
    ['comes from another account', { ...aFact(), account: CUSTOMER_ACCOUNT }],
  ])('are ignored with a reason where one %s', async (_what, event) => {
    const { ports, sent } = await knowing(event);

    const [outcome] = await recordKeyEvents([event], ports);

    expect(reasonOf(outcome)).toBeDefined();
    expect(sent).toEqual([]);
  });

  test.each([
    ['nobody committed', aFact({ factId: 'fact-2' })],
    ['says something else', aFact({ kmsKeyArn: THEIR_KEY })],
    ['names another customer', aFact({ customerId: '..' })],
    ['is of another kind', aFact({}, 'key-rotated.v1')],
    ['is nested without end', aFact({ deep: JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) })],
  ])('are parked where one %s, and no stream hears of it', async (_what, event) => {
    const { ports, sent } = await knowing(aFact());

    const outcomes = await recordKeyEvents([event], ports);

    expect(outcomes).toEqual([{ outcome: 'failed', error: expect.any(ContractViolation) }]);
    expect(sent).toEqual([]);
  });

  test('with a certificate that no retirement has are parked', async () => {
    const text = 'keywright/retirement\n{"v":1}\n';
    const certificate = `${text}\n— keywright/retirement signature\n`;
    const issued = (at: string, note = certificate) =>
      aFact(
        { at, verdict: 'safe-to-delete', certificateHash: hash('sha256', text, 'hex'), certificate: note },
        'retirement-certified.v1',
      );
    const outcomeWith = async (event: ReturnType<typeof aFact>, last?: string) => {
      const made = await knowing(event);
      const retirement = newRetirement({ kmsKeyArn: anArn() }, undefined, NOW);
      const held = {
        note: certificate,
        hash: hash('sha256', last ?? '', 'hex'),
        verdict: 'needed',
        issuedAt: NOW,
      } as const;
      if (last !== undefined) made.control.given('retirement', { ...retirement, certificate: held });
      const [outcome] = await recordKeyEvents([event], made.ports);
      return outcome?.outcome;
    };

    expect(await outcomeWith(issued(NOW), text)).toBe('recorded');
    expect(await outcomeWith(issued(fromNow(-1)), 'a later one')).toBe('recorded');
    expect(await outcomeWith(issued(fromNow(1)), 'the last one')).toBe('failed');
    expect(await outcomeWith(issued(NOW))).toBe('failed');
    expect(await outcomeWith(issued(NOW, certificate.replace('"v":1', '"v":2')), text)).toBe('failed');
  });
});

test('a record nested without end is parked, whatever is partial in it, and the one beside it is recorded', async () => {
  const { ports } = world();
  const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  const shared = { eventName: 'ReEncrypt', resources: [{ ARN: anArn() }, { ARN: THEIR_KEY }] };
  const events = [{ deep }, { requestParameters: { deep } }, { ...shared, userIdentity: { deep } }, {}];

  const outcomes = await recordKeyEvents(
    events.map((fields, at) => viaCloudTrail(aRecord({ eventID: `event-${at}`, ...fields }))),
    ports,
  );

  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed', 'recorded']);
  for (const outcome of outcomes.slice(0, 3)) expect(outcome).toMatchObject({ error: expect.any(ContractViolation) });
});

test.each(['2026-02-30T00:00:00Z', '2026-04-31T00:00:00Z', '9999-12-31T23:59:59Z'])(
  'a record that is dated %s keeps its signal, its use and its miss, as of now',
  async (eventTime) => {
    const { ports, control } = world();
    control.given('kms-key', aKmsKey({ state: 'disabled' }));
    const missed = aRecord({ eventID: 'missed', eventTime, errorCode: 'DisabledException' });
    const events = [aChange('DisableKey', { eventTime }), missed, aRecord({ eventTime })];

    const outcomes = await recordKeyEvents(
      events.map((event) => viaCloudTrail(event)),
      ports,
    );

    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['recorded', 'recorded', 'recorded']);
    expect(control.outbox.map(({ detail }) => detail['signalledAt'] ?? detail['usedAt'])).toEqual([NOW, NOW, NOW]);
    expect(await ports.lastUses.of(anArn())).toBe(NOW);
  },
);

describe('what is no record', () => {
  const native = { ...anEnvelope('aws.kms', 'KMS CMK Deletion', {}), resources: [] };
  const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  const faulty = [
    ['with a time that is none', viaCloudTrail(aChange('DisableKey', { eventTime: 'yesterday' }))],
    ['of another kind than it says', viaCloudTrail({ ...aChange('DisableKey'), eventType: 'AwsVpceEvent' })],
    ['that names no key', native],
    ['that is nested without end', viaCloudTrail(aChange('DisableKey', { deep }))],
    ['that is half an event', { source: 'aws.kms' }],
  ] as const;

  test.each(faulty)('%s, of another account, is ignored with a reason: it wakes nobody', async (_, event) => {
    const [outcome] = await recordKeyEvents([{ ...event, account: CUSTOMER_ACCOUNT }], world().ports);

    expect(reasonOf(outcome)).toContain(CUSTOMER_ACCOUNT);
  });

  test.each(faulty)('%s, of our own account, is parked', async (_, event) => {
    const { ports } = world();
    const detail = {
      ...((event as ReturnType<typeof anEnvelope>)['detail'] as object),
      recipientAccountId: OUR_ACCOUNT,
    };

    const outcomes = await recordKeyEvents([{ ...event, detail, account: OUR_ACCOUNT }], ports);

    expect(outcomes).toEqual([{ outcome: 'failed', error: expect.any(ContractViolation) }]);
  });
});

test('what cannot be read fails alone, by the field at fault', async () => {
  const { ports } = world();
  const broken = viaCloudTrail({ ...aRecord(), eventTime: 'yesterday' });

  const outcomes = await recordKeyEvents([broken, 'nonsense', viaCloudTrail(aRecord())], ports);

  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'recorded']);
  expect(outcomes[0]).toMatchObject({ error: { path: 'record.eventTime' } });
  expect(outcomes[1]).toMatchObject({ error: expect.any(ContractViolation) });
});

test('entries that the queue refuses fail their events, and theirs only', async () => {
  const { ports, control, queue } = world();
  queue.refuse('globex');

  const outcomes = await recordKeyEvents([viaCloudTrail(aRecord()), viaCloudTrail(aChange('DisableKey'))], ports);

  expect(outcomes).toEqual([
    recordedFor('acme'),
    { outcome: 'failed', error: expect.objectContaining({ retry: true }) },
  ]);
  expect(signalsOf(control)).toEqual([['customer-event', THEIR_KEY]]);
});

test('a signal that cannot be committed fails its event, and the entries go out all the same', async () => {
  const { ports, entries } = world();
  const commit = async () => {
    throw new KeywrightError('store.unreachable', 'no answer');
  };

  const outcomes = await recordKeyEvents([viaCloudTrail(aChange('DisableKey'))], {
    ...ports,
    control: { ...ports.control, commit },
  });

  expect(outcomes).toMatchObject([{ outcome: 'failed', error: { code: 'store.unreachable' } }]);
  expect(entries()).toHaveLength(1);
});

test.each([
  ['as they are', 'x', 50_000],
  ['as escapes', '\uFFFE', 16_000],
])('entries too large for one message go into several, in order: %s', async (_, character, times) => {
  const { ports, sent, entries } = world();
  const events = Array.from({ length: 40 }, (_, at) =>
    viaCloudTrail(aRecord({ eventID: `event-${at}`, requestParameters: { note: character.repeat(times) } })),
  );

  await recordKeyEvents(events, ports);

  expect(sent.length).toBeGreaterThan(1);
  for (const message of sent) expect(Buffer.byteLength(jsonForSqs(message))).toBeLessThan(1_048_576);
  expect(entries().map(({ dedupeKeys }) => dedupeKeys[0])).toEqual(events.map((_, at) => `event-${at}`));
});

test('every event has exactly one outcome, whatever arrives', async () => {
  const events = fc.array(
    fc.oneof(
      fc.anything(),
      fc.constant(viaCloudTrail(aRecord())),
      fc
        .record({ fields: fc.object(), account: fc.constantFrom(OUR_ACCOUNT, CUSTOMER_ACCOUNT, 'x') })
        .map(({ fields, account }) => viaCloudTrail({ ...aRecord(), ...fields }, account)),
      fc.object().map((detail) => anEnvelope('keywright', 'key-rotated.v1', { customerId: 'acme', ...detail })),
      fc.object().map((detail) => anEnvelope('aws.kms', 'KMS CMK Deletion', detail)),
    ),
  );
  await fc.assert(
    fc.asyncProperty(events, async (batch) => {
      const { ports } = world();
      const outcomes = await recordKeyEvents(batch, ports);

      expect(outcomes).toHaveLength(batch.length);
      for (const outcome of outcomes) {
        if (outcome.outcome === 'failed') expect(outcome.error).toBeInstanceOf(ContractViolation);
      }
    }),
    { numRuns: 200 },
  );
});

describe('how often a key encrypts', () => {
  const encryption = (fields: Parameters<typeof aRecord>[0] = {}) =>
    viaCloudTrail(
      aRecord({ eventName: 'GenerateDataKey', additionalEventData: { keyMaterialId: aMaterial(1) }, ...fields }),
    );
  const encryptions = (count: number, fields = {}) =>
    Array.from({ length: count }, (_, at) => encryption({ eventID: `use-${at}`, ...fields }));
  const counting = (maxUses?: number) => {
    const made = world();
    const triggers = maxUses === undefined ? {} : { triggers: { maxUses } };
    made.control.given('rotation-policy', aPolicy({ ...triggers, dueAt: fromNow(86_400_000), revision: 1 }));
    return { ...made, policy: () => made.control.find('rotation-policy', anArn()) };
  };

  test('makes it due once its material has encrypted as often as its policy allows', async () => {
    const { ports, policy } = counting(10);

    await recordKeyEvents(encryptions(9), ports);
    const before = await policy();
    await recordKeyEvents(encryptions(1), ports);

    expect(before).toMatchObject({ dueAt: fromNow(86_400_000) });
    expect(await policy()).toMatchObject({ dueAt: NOW, triggered: { by: 'uses' } });
  });

  test.each([
    ['decryptions', { eventName: 'Decrypt' }],
    ['refusals', { errorCode: 'AccessDenied' }],
    ['dry runs', { errorCode: 'DryRunOperationException' }],
    ['uses of material that was rotated away', { additionalEventData: { keyMaterialId: aMaterial(9) } }],
    ['uses that name no material', { additionalEventData: null }],
  ])('leaves out %s', async (_, fields) => {
    const { ports, policy } = counting(1);

    await recordKeyEvents(encryptions(3, fields), ports);

    expect(await policy()).toMatchObject({ dueAt: fromNow(86_400_000) });
  });

  test('counts the destination of a re-encryption, and not its source', async () => {
    const { ports, policy } = counting(1);
    const arn = (kmsKeyArn: string) => ({ accountId: OUR_ACCOUNT, type: 'AWS::KMS::Key', ARN: kmsKeyArn });
    const between = (from: string, to: string, eventID: string) =>
      encryption({
        eventID,
        eventName: 'ReEncrypt',
        resources: [arn(from), arn(to)],
        additionalEventData: { sourceKeyMaterialId: aMaterial(1), destinationKeyMaterialId: aMaterial(1) },
      });

    await recordKeyEvents([between(anArn(), SHARED_KEY, 'away')], ports);
    const before = await policy();
    await recordKeyEvents([between(SHARED_KEY, anArn(), 'here')], ports);

    expect(before).toMatchObject({ dueAt: fromNow(86_400_000) });
    expect(await policy()).toMatchObject({ dueAt: NOW });
  });

  test('keeps no entry back when it cannot be counted', async () => {
    const { ports, entries } = counting(1);
    const add = () => Promise.reject(new KeywrightError('store.unreachable', 'down'));

    const outcomes = await recordKeyEvents(encryptions(2), { ...ports, uses: { add } });

    expect(outcomes).toEqual([recordedFor('acme'), recordedFor('acme')]);
    expect(entries()).toHaveLength(2);
  });

  test('triggers nothing where the policy does not ask for it', async () => {
    const { ports, policy } = counting();

    await recordKeyEvents(encryptions(5), ports);

    expect(await policy()).toMatchObject({ revision: 1 });
  });
});

describe('what retirement asks', () => {
  const used = (fields = {}) => viaCloudTrail(aRecord({ eventTime: '2026-11-24T11:10:00Z', ...fields }));
  const missed = (fields = {}) => used({ errorCode: 'DisabledException', errorMessage: 'is disabled', ...fields });
  const out = (state: KmsKey['state']) => {
    const made = world();
    made.control.given('kms-key', aKmsKey({ state }));
    return made;
  };
  const factsIn = (made: ReturnType<typeof world>) => made.control.outbox.map(({ detailType }) => detailType);

  test('the last use of a key is noted by the end of its hour, whoever used it', async () => {
    const { ports } = world();
    const byAnother = { userIdentity: { accountId: CUSTOMER_ACCOUNT } };

    await recordKeyEvents([used(), used({ eventID: 'event-2', ...byAnother })], ports);

    expect(await ports.lastUses.of(anArn())).toBe('2026-11-24T12:00:00.000Z');
  });

  test('a use that is dated into the future counts as of now', async () => {
    const { ports } = world();
    const eventTime = '9999-12-31T23:59:59Z';

    await recordKeyEvents(
      [used({ eventTime, resources: [{ ARN: THEIR_KEY }], recipientAccountId: CUSTOMER_ACCOUNT })],
      ports,
    );

    expect((await ports.lastUses.of(THEIR_KEY))?.slice(0, 10)).toBe('2026-11-24');
  });

  test.each([
    ['a use that failed', { errorCode: 'AccessDenied' }],
    ['a look at the key', { eventName: 'DescribeKey' }],
  ])('%s is no use', async (_, fields) => {
    const { ports } = world();

    await recordKeyEvents([used(fields)], ports);

    expect(await ports.lastUses.of(anArn())).toBeUndefined();
  });

  test.each(['disabled', 'deletion-scheduled'] as const)('a use of a key that is %s is told once', async (state) => {
    const made = out(state);

    await recordKeyEvents([missed()], made.ports);
    await recordKeyEvents([missed()], made.ports);

    expect(made.control.outbox.filter(({ detailType }) => detailType === 'retired-key-used.v1')).toMatchObject([
      {
        detail: {
          kmsKeyArn: anArn(),
          observed: 'Decrypt failed: DisabledException',
          usedAt: '2026-11-24T11:10:00.000Z',
        },
      },
    ]);
  });

  test.each(['active', 'retiring'] as const)('a key that is %s and fails was not disabled by us', async (state) => {
    const made = out(state);

    await recordKeyEvents([missed()], made.ports);

    expect(factsIn(made)).not.toContain('retired-key-used.v1');
  });

  test('a use that cannot be noted comes again, and keeps no other back', async () => {
    const { ports, entries } = world();
    const note = () => Promise.reject(new KeywrightError('store.unreachable', 'down'));
    const lastUses = { ...ports.lastUses, note };

    const outcomes = await recordKeyEvents([used(), used({ eventID: 'event-2', eventName: 'DescribeKey' })], {
      ...ports,
      lastUses,
    });

    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['failed', 'recorded']);
    expect(entries()).toHaveLength(2);
  });
});

describe('what a batch proves besides', () => {
  const beats = (customerId: unknown, account = CUSTOMER_ACCOUNT) => ({
    ...anEnvelope('keywright.heartbeat', 'heartbeat', { customerId }),
    account,
  });

  test('that we work, but for a batch that failed as a whole', async () => {
    const { ports, control } = world();
    await recordKeyEvents([anEnvelope('aws.kms', 'AWS API Call via CloudTrail', { nonsense: true })], ports);
    expect(control.all('heartbeat')).toEqual([]);

    await recordKeyEvents([viaCloudTrail(aRecord())], ports);
    expect(control.all('heartbeat')).toMatchObject([{ name: 'record-key-events', lastAt: NOW }]);
  });

  test('that an account forwards: by a heartbeat, and from then on by anything', async () => {
    const { ports, control, entries } = world();

    const outcomes = await recordKeyEvents([beats('globex')], ports);

    expect(outcomes).toMatchObject([{ outcome: 'ignored' }]);
    expect(entries()).toEqual([]);
    expect(control.all('forwarder')).toMatchObject([
      { accountId: CUSTOMER_ACCOUNT, customerId: 'globex', beats: true, lastAt: NOW },
    ]);
  });

  test('a record that an account forwards about its own key counts, and is no heartbeat', async () => {
    const { ports, control } = world();
    const record = aRecord({ recipientAccountId: CUSTOMER_ACCOUNT, resources: [{ ARN: THEIR_KEY }] });

    await recordKeyEvents([viaCloudTrail(record)], ports);

    expect(control.all('forwarder')).toMatchObject([
      { accountId: CUSTOMER_ACCOUNT, customerId: 'globex', beats: false },
    ]);
  });

  test.each<[string, unknown, string]>([
    ['in another customer’s name', 'acme', CUSTOMER_ACCOUNT],
    ['in our own account', 'globex', OUR_ACCOUNT],
    ['from an account that nobody knows', 'globex', '999988887777'],
    ['of a customer that is none', 'nobody', CUSTOMER_ACCOUNT],
    ['that names nobody', { not: 'text' }, CUSTOMER_ACCOUNT],
    ['with a name too long for a key', 'x'.repeat(3_000), CUSTOMER_ACCOUNT],
  ])('a heartbeat %s proves nothing', async (_what, customerId, account) => {
    const { ports, control } = world();

    await recordKeyEvents([beats(customerId, account)], ports);

    expect(control.all('forwarder')).toEqual([]);
  });

  test('whose events are left out, and why: but for heartbeats that are believed', async () => {
    const { ports, control } = world();
    const stranger = aRecord({ recipientAccountId: '999988887777', resources: [{ ARN: THEIR_KEY }] });

    const outcomes = await recordKeyEvents(
      [{ ...viaCloudTrail(stranger), account: '999988887777' }, beats('globex')],
      ports,
    );

    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['ignored', 'ignored']);
    expect(control.all('ignored-sender')).toMatchObject([
      { accountId: '999988887777', reason: 'it concerns no customer of account 999988887777', since: NOW, lastAt: NOW },
    ]);
  });

  test('a canary of ours is recorded in no stream', async () => {
    const { ports, control, entries } = world();
    const fact = relayCanary.of({ factId: 'canary-1', at: NOW });
    await control.commit({ writes: [], facts: [fact] });

    const outcomes = await recordKeyEvents(
      [{ ...anEnvelope('keywright', fact.detailType, fact.detail), account: OUR_ACCOUNT }],
      ports,
    );

    expect(outcomes).toMatchObject([{ outcome: 'ignored' }]);
    expect(entries()).toEqual([]);
    expect(control.all('heartbeat')).toHaveLength(1);
  });
});

describe('live traffic', () => {
  const SEEN = '2026-11-24T11:58:00.000Z';
  const WELL = '2026-11-24T11:56:00.000Z';
  const well = (fields: Partial<KeyWatch> = {}) => {
    const watch = aWatch({ wellAt: WELL, fullLookAt: WELL, ...fields });
    return { ...watch, dueAt: fields.dueAt ?? nextLookAt(watch, true, WELL) };
  };
  const requestParameters = { encryptionContext: { 'keywright:customerId': 'acme' } };
  const served = (fields = {}) =>
    viaCloudTrail(aRecord({ eventTime: SEEN.replace('.000', ''), requestParameters, ...fields }));
  const dueAfter = async (watch: KeyWatch, ...events: readonly unknown[]) => {
    const { control, ports } = world();
    control.given('key-watch', watch);
    await recordKeyEvents(events, ports);
    return control.all('key-watch')[0];
  };

  test('that serves puts the next look off by the time of its use, and no further', async () => {
    expect(await dueAfter(well(), served())).toMatchObject({ wellAt: SEEN, dueAt: nextLookAt(well(), true, SEEN) });
  });

  test.each<[string, object]>([
    ['a use that failed', { errorCode: 'ThrottlingException' }],
    ['a dry run', { errorCode: 'DryRunOperationException' }],
    ['a use under no context of ours', { requestParameters: { encryptionContext: { 'aws:s3:arn': 'x' } } }],
    [
      'a look of our own',
      { userIdentity: { accountId: OUR_ACCOUNT, arn: `arn:aws:sts::${OUR_ACCOUNT}:assumed-role/probe-keys/one` } },
    ],
  ])('is not %s', async (_title, record) => {
    expect(await dueAfter(well(), served(record))).toEqual(well());
  });

  test('of a customer’s account is not believed to serve us', async () => {
    const watch = well({ kmsKeyArn: THEIR_KEY });
    const forwarded = {
      ...served({ resources: [{ ARN: THEIR_KEY }], recipientAccountId: CUSTOMER_ACCOUNT }),
      account: CUSTOMER_ACCOUNT,
    };
    expect(await dueAfter(watch, forwarded)).toEqual(watch);
  });
});
