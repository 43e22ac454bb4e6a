import { OPERATIONS, type OperationPorts } from '../../../../shared/domain/api/catalogue';
import { NEVER } from '../../../../shared/domain/instants';
import { aKmsKey, anArn, aRotation, NOW } from '../../../support/make';
import { memoryAliases } from '../../../support/memory-aliases';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';

const ADA = { principal: 'arn:aws:iam::111122223333:user/ada' };

function run(name: string, input: unknown, world: RotationWorld = rotationWorld()) {
  const operation = OPERATIONS.find((one) => one.name === name);
  if (!operation) throw new Error(`There is no operation ${name}.`);
  const ports: OperationPorts = { ...world.ports, aliases: memoryAliases() };
  return operation.run(input, ADA, ports);
}

test('each operation has a name of its own, in the words of a path', () => {
  const names = OPERATIONS.map(({ name }) => name);

  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
});

test.each(OPERATIONS.map(({ name }) => name))(
  '%s refuses a field that it does not know, and touches nothing',
  async (name) => {
    const world = rotationWorld();

    await expect(run(name, { dryrun: true }, world)).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringMatching(/^\w+: /),
    });
    expect(world.facts()).toEqual([]);
  },
);

test.each(OPERATIONS.map(({ name }) => name))('%s refuses what is no object', async (name) => {
  for (const input of [null, 'text', [], 7]) {
    await expect(run(name, input)).rejects.toMatchObject({ code: 'input.invalid' });
  }
});

/** Something that is valid for each field that takes text of any kind, and what else operations want beside it. */
const TEXTS = {
  key: anArn(),
  customerId: 'acme',
  dataStoreId: 'documents',
  option: 'managed',
  keyMaterialId: 'ab'.repeat(32),
  wrappedBefore: NOW,
  to: anArn('new'),
  jobId: 'job',
  backupId: 'backup',
  compromiseId: 'compromise',
  reason: 'a reason',
  incidentId: 'incident',
  drillId: 'drill',
  note: 'a note',
  after: 'open/incident',
  description: 'a dump',
  principal: 'arn:aws:iam::444455556666:role/soc',
  tier: 'gold',
  name: 'primary',
  target: 'https://events.pagerduty.com/v2/enqueue',
  timeZone: 'Europe/Berlin',
  secret: 'R0UTINGKEY0000000000000000000000',
} as const;
const REST = {
  accountId: '444455556666',
  capabilities: [],
  kind: 'webhook',
  cause: 'key-disabled',
  limit: 10,
  from: 0,
  step: 'disable',
  certificateHash: 'ab'.repeat(32),
  strategy: 'replace',
  periodDays: 30,
  targetPercent: 99.9,
  priority: 'deadline',
  retainUntil: NOW,
  since: NOW,
  scan: { startedAt: NOW, looked: 0, reprotected: 0, left: 0 },
} as const;

/** What `kind` means differs. */
const OTHERS: Readonly<Record<string, object>> = { 'add-data-store': { kind: 'application' } };

const HALF = 'a\ud800b';

test.each(OPERATIONS.map(({ name }) => name))('%s refuses half of a surrogate pair, in every text', async (name) => {
  const others = await run(name, { ...TEXTS, ...REST, ...OTHERS[name], nothing: 0 }).catch(
    ({ message }: Error) => message,
  );
  expect(others).toMatch(/Its fields: /);
  const fields = /Its fields: (.*)\.$/.exec(String(others))?.[1]?.split(', ') ?? [];
  const valid = Object.fromEntries(
    Object.entries({ ...TEXTS, ...REST, ...OTHERS[name] }).filter(([field]) => fields.includes(field)),
  );

  expect(fields).not.toEqual([]);
  for (const field of fields.filter((one) => one in TEXTS)) {
    await expect(run(name, { ...valid, [field]: HALF })).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringMatching(new RegExp(`^${field}: holds half of a surrogate pair`)),
    });
  }
});

test.each<[string, string, object]>([
  ['start-reencryption', 'window.timeZone', { window: { days: ['sat'], from: '22:00', to: '23:00', timeZone: HALF } }],
  ['set-rotation-rule', 'onFacts.0', { strategy: 'replace', periodDays: 30, onFacts: [HALF] }],
  [
    'declare-compromise',
    'dataKeys.0.dataKeyId',
    { reason: 'lost', dataKeys: [{ customerId: 'acme', dataStoreId: 'documents', dataKeyId: HALF }] },
  ],
  ['declare-compromise', 'since', { reason: 'lost', key: anArn(), since: HALF }],
])('%s refuses it inside %s too', async (name, field, input) => {
  await expect(run(name, input)).rejects.toMatchObject({ code: 'input.invalid', details: { field } });
});

test('what is shown of a key never holds how it is reached', async () => {
  const world = rotationWorld();
  const secret = 'external-id-of-acme';
  world.control.given(
    'kms-key',
    aKmsKey({
      access: { via: 'role', roleArn: 'arn:aws:iam::444455556666:role/keywright-use', externalId: secret },
      observer: { roleArn: 'arn:aws:iam::444455556666:role/keywright-observer', externalId: secret },
    }),
  );

  const answer = await run('list-keys', { customerId: 'acme' }, world);

  expect(answer).toMatchObject({ keys: [{ kmsKeyArn: anArn(), state: 'active' }] });
  expect(JSON.stringify(answer)).not.toContain(secret);
});

test('the rotations of a customer are those of every key they have or had, in order', async () => {
  const world = rotationWorld();
  world.control.given(
    'kms-key',
    aKmsKey({ kmsKeyArn: anArn('old'), state: 'disabled' }),
    aKmsKey({ kmsKeyArn: anArn('new') }),
  );
  world.control.given(
    'rotation',
    aRotation({ rotationId: 'b', kmsKeyArn: anArn('new'), requestedAt: '2026-11-02T00:00:00.000Z' }),
    aRotation({ rotationId: 'a', kmsKeyArn: anArn('old'), requestedAt: '2026-11-01T00:00:00.000Z' }),
    aRotation({ rotationId: 'c', kmsKeyArn: anArn('stranger'), customerId: 'globex' }),
  );

  const { rotations } = (await run('list-rotations', { customerId: 'acme' }, world)) as {
    rotations: readonly { rotationId: string }[];
  };

  expect(rotations.map(({ rotationId }) => rotationId)).toEqual(['a', 'b']);
});

test.each([
  ['neither', {}],
  ['both', { key: anArn(), customerId: 'acme' }],
])('a list takes a key or a customer: %s is refused', async (_, input) => {
  await expect(run('list-rotations', input)).rejects.toMatchObject({ code: 'input.invalid' });
});

test('the terms of a key are shown with the rule that they come from', async () => {
  const world = rotationWorld();
  const { kmsKeyArn } = world.givenKey({}, { strategy: 'replace', scope: 'customer/acme' });
  const terms = { strategy: 'replace', periodDays: 90, reencrypt: true } as const;
  const set = { setBy: ADA.principal, setAt: world.clock.now(), dueAt: NEVER, revision: 3 };
  world.control.given(
    'rotation-rule',
    { ...terms, ...set, scope: 'option/customer-specific' },
    { ...terms, ...set, scope: 'customer/acme' },
  );

  const shown = await run('show-rotation-policy', { key: kmsKeyArn }, world);

  expect(shown).toMatchObject({ kmsKeyArn, policy: { strategy: 'replace' }, rule: { scope: 'customer/acme' } });
  expect(JSON.stringify(shown)).not.toContain('revision');
});

test('a rule is for one key, one customer or one option, set by whom the signature proves', async () => {
  const world = rotationWorld();
  const { kmsKeyArn } = world.givenKey();
  const terms = { strategy: 'replace', periodDays: 30 };

  for (const scope of [{}, { key: kmsKeyArn, option: 'managed' }, { customerId: 'acme', option: 'managed' }]) {
    await expect(run('set-rotation-rule', { ...terms, ...scope }, world)).rejects.toMatchObject({
      code: 'input.invalid',
    });
  }
  expect(world.control.all('rotation-rule')).toEqual([]);

  await run('set-rotation-rule', { ...terms, key: 'acme', maxUses: 1000, reencrypt: false }, world);
  expect(world.control.all('rotation-rule')).toMatchObject([
    { scope: `key/${kmsKeyArn}`, setBy: ADA.principal, ...terms, triggers: { maxUses: 1000 }, reencrypt: false },
  ]);
});

test('a rule that is only tried tells its keys and touches nothing', async () => {
  const world = rotationWorld();
  const { kmsKeyArn } = world.givenKey();

  const answer = await run(
    'set-rotation-rule',
    { key: 'acme', strategy: 'replace', periodDays: 30, dryRun: true },
    world,
  );

  expect(answer).toMatchObject({ rule: { scope: `key/${kmsKeyArn}` }, kmsKeyArns: [kmsKeyArn] });
  expect([world.control.all('rotation-rule'), world.facts()]).toEqual([[], []]);
});
