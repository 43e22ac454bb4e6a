/** What people ask of retirements over the API: who they are is what AWS says, and what is refused touches nothing. */

import { verifyCertificate } from 'keywright-verify/certificate';
import { OPERATIONS, type OperationPorts } from '../../../../shared/domain/api/catalogue';
import type { ShownRetirement } from '../../../../shared/domain/api/retirement-outlook';
import { approveStepOperation, type ShownCertificate } from '../../../../shared/domain/api/retirements';
import { verifierKey } from '../../../../shared/domain/audit/log/signed-note';
import { RETIREMENT_DEFAULTS } from '../../../../shared/domain/retirement/retirement-terms';
import { memoryAliases } from '../../../support/memory-aliases';
import { aSigner } from '../../../support/memory-audit';
import { claiming } from '../../../support/memory-identities';
import { ALICE, BOB, DAY_MS, NEW, OLD, type RetirementWorld, retirementWorld } from '../../../support/retirement-world';

async function run(world: RetirementWorld, name: string, input: object, principal = ALICE) {
  const operation = [...OPERATIONS, approveStepOperation].find((one) => one.name === name);
  if (!operation) throw new Error(`There is no operation ${name}.`);
  const ports: OperationPorts = { ...world.ports, aliases: memoryAliases() };
  return operation.run(input, claiming(principal, world.identities, world.clock.now()), ports);
}

const plan = async (world: RetirementWorld) =>
  (await run(world, 'plan-retirement', { key: OLD })) as { retirement: ShownRetirement; next: string };

/** A key whose deletion two people may agree on. */
async function deletable(): Promise<RetirementWorld> {
  const world = retirementWorld({ quietDays: 1, disabledDays: 3 });
  await world.ended();
  await world.until('deletable');
  return world;
}

const deletion = async (world: RetirementWorld) => ({
  key: OLD,
  step: 'schedule-deletion',
  certificateHash: (await world.row()).certificate?.hash,
});

const asked = async (world: RetirementWorld) => ({ ...(await deletion(world)), reason: 'nobody needs it' });

test('the plan of each stage says what is waited for, and until when', async () => {
  const world = retirementWorld({ quietDays: 7, disabledDays: 30, waitingDays: 7 });
  await world.ended();
  const seen: [string, string | undefined][] = [];
  const note = async () => {
    const { stage, waitsFor, until } = (await plan(world)).retirement;
    expect(waitsFor).not.toBe('');
    seen.push([stage, until?.slice(0, 10)]);
  };
  await note();
  await world.until('disabled');
  await note();
  await world.until('deletable');
  await note();

  expect(seen).toEqual([
    ['quiet', '2026-12-01'],
    ['disabled', expect.stringMatching(/^2026-12-3|^2027-01-0/)],
    ['deletable', undefined],
  ]);
  expect((await plan(world)).next).toBe(
    'It waits for a person who asks for schedule-deletion, and another who approves.',
  );
});

test('one person asks for the deletion and another approves; what is waited for follows', async () => {
  const world = await deletable();

  const requested = await run(world, 'request-retirement-step', await asked(world), ALICE);
  const waiting = (await plan(world)).retirement;
  const approved = await run(world, 'approve-retirement-step', await deletion(world), BOB);

  expect(requested).toMatchObject({ kmsKeyArn: OLD, requestedBy: ALICE, reason: 'nobody needs it' });
  expect(waiting).toMatchObject({
    waitsFor: `another person than ${ALICE} to approve schedule-deletion`,
    until: waiting.approval?.expiresAt,
  });
  expect(approved).toMatchObject({ requestedBy: ALICE, approvedBy: BOB });
  expect((await plan(world)).retirement.waitsFor).toBe('schedule-deletion, which two people agreed on');
  expect(world.told('deletion-due.v1')).toHaveLength(1);
});

test('who asks and who approves prove it: the name in an event is not enough', async () => {
  const world = await deletable();
  const ports: OperationPorts = { ...world.ports, aliases: memoryAliases() };
  const request = OPERATIONS.find(({ name }) => name === 'request-retirement-step');
  const input = await asked(world);
  const bobsProof = claiming(BOB, world.identities, world.clock.now());

  for (const caller of [{ principal: ALICE }, { ...bobsProof, principal: ALICE }]) {
    await expect(request?.run(input, caller, ports)).rejects.toThrow(/^proof: /);
  }
  await request?.run(input, claiming(ALICE, world.identities, world.clock.now()), ports);
  for (const caller of [
    { principal: BOB },
    { ...claiming(ALICE, world.identities, world.clock.now()), principal: BOB },
  ]) {
    await expect(approveStepOperation.run(await deletion(world), caller, ports)).rejects.toThrow(/^proof: /);
  }

  expect(world.control.all('approval')).toMatchObject([{ requestedBy: ALICE }]);
  expect(world.control.all('approval')[0]).not.toHaveProperty('approvedBy');
});

test('one act alone at the API takes a proof, and approving is not asked there', async () => {
  const world = await deletable();
  const ports: OperationPorts = { ...world.ports, aliases: memoryAliases() };
  const inputs = [
    {},
    { key: OLD },
    { key: OLD, step: 'disable', reason: 'x' },
    await asked(world),
    await deletion(world),
  ];
  const proven = new Set<string>();
  for (const { name, run } of OPERATIONS) {
    for (const input of inputs) {
      await run({ ...input, dryRun: true }, { principal: ALICE }, ports).catch(({ message }) => {
        if (/^proof: /.test(message)) proven.add(name);
      });
    }
  }

  expect([...proven]).toEqual(['request-retirement-step']);
  expect(OPERATIONS.map(({ name }) => name)).not.toContain('approve-retirement-step');
});

test('whoever asked does not approve: who they are is taken from the caller, and no field says otherwise', async () => {
  const world = await deletable();
  await run(world, 'request-retirement-step', await asked(world), ALICE);

  await expect(run(world, 'approve-retirement-step', await deletion(world), ALICE)).rejects.toMatchObject({
    code: 'state.forbids',
  });
  await expect(run(world, 'approve-retirement-step', { ...(await deletion(world)), by: BOB }, ALICE)).rejects.toThrow(
    /^by: is not a field/,
  );
  expect(world.told('deletion-due.v1')).toEqual([]);
});

test.each<[string, (world: RetirementWorld) => void]>([
  ['ran out', (world) => world.clock.advance(8 * DAY_MS)],
  [
    'was for another certificate',
    ({ control }) =>
      control.given(
        'approval',
        ...control.all('approval').map((row) => ({ ...row, certificateHash: 'cd'.repeat(32) })),
      ),
  ],
])('a request that %s is not shown as one that is waited for', async (_, happens) => {
  const world = await deletable();
  await run(world, 'request-retirement-step', await asked(world), ALICE);
  happens(world);

  const { approval, waitsFor } = (await plan(world)).retirement;

  expect([approval, waitsFor]).toEqual([
    undefined,
    'a person who asks for schedule-deletion, and another who approves',
  ]);
});

test.each([
  ['request-retirement', { key: OLD, terms: { waitingDays: 3 } }, /^retirement\.waitingDays: .* from 7 to 30/],
  ['request-retirement', { key: OLD, terms: { waitingdays: 30 } }, /^terms: |^waitingdays: /],
  ['request-retirement', { key: OLD, terms: 7 }, /^terms: must be an object/],
  ['request-retirement', { key: OLD, terms: { onUse: 'ignore' } }, /^terms\.onUse: must be enable or alert/],
  ['request-retirement', { key: NEW }, /^key: it is in use/],
  ['request-retirement-step', { key: OLD, step: 'delete', certificateHash: 'ab', reason: 'x' }, /^step: must be/],
  ['request-retirement-step', { key: OLD, step: 'disable', certificateHash: 'ab', reason: 'x' }, /^certificateHash: /],
  ['request-retirement-step', { key: OLD, step: 'disable', certificateHash: 'ab'.repeat(32) }, /^reason: must say/],
  ['approve-retirement-step', { key: OLD, step: 'schedule-deletion', certificateHash: 'ab'.repeat(32) }, /^\w+: /],
  ['undo-retirement', { key: OLD, step: 'disable' }, /^reason: must say why/],
  ['undo-retirement', { key: NEW, step: 'disable', reason: 'x' }, /^key: the retirement of .* has not begun/],
  ['show-certificate', { key: NEW }, /^key: the retirement of .* has not begun/],
  ['list-retirements', { key: OLD, customerId: 'acme' }, /^customerId: goes without a key/],
])('%s %j is refused with the field and the way out, and touches nothing', async (name, input, message) => {
  const world = await deletable();
  const before = [await world.row(), world.facts().length];

  await expect(run(world, name, input)).rejects.toThrow(message);

  expect([await world.row(), world.facts().length]).toEqual(before);
});

test('terms that are not said stay as the policy of the key has them', async () => {
  const world = retirementWorld({ quietDays: 14, approveDisable: true });

  const begun = await run(world, 'request-retirement', { key: OLD, terms: { disabledDays: 60 } });
  const again = await run(world, 'request-retirement', { key: OLD, terms: { waitingDays: 7 } });

  expect(begun).toMatchObject({
    stage: 'watching',
    terms: { ...RETIREMENT_DEFAULTS, quietDays: 14, approveDisable: true, disabledDays: 60 },
  });
  expect(again).toMatchObject({ terms: { quietDays: 14, approveDisable: true, disabledDays: 60, waitingDays: 7 } });
});

test('a retirement that is taken back is held in its person’s name, and goes on when somebody asks for it', async () => {
  const world = await deletable();

  const undone = await run(world, 'undo-retirement', { key: OLD, step: 'disable', reason: 'an old export' }, BOB);
  const enabled = world.kms.stateOf(OLD);
  const goesOn = await run(world, 'request-retirement', { key: OLD });

  expect(undone).toMatchObject({ stage: 'watching', held: { by: BOB, reason: 'an old export' } });
  expect((undone as ShownRetirement).waitsFor).toContain(`${BOB} holds it, because an old export`);
  expect(enabled).toBe('Enabled');
  expect(goesOn).not.toHaveProperty('held');
});

test.each([
  ['request-retirement', {}],
  ['request-retirement-step', {}],
  ['undo-retirement', { step: 'disable', reason: 'only tried' }],
])('%s that is only tried touches nothing', async (name, fields) => {
  const world = await deletable();
  const before = [await world.row(), await world.key(), world.facts().length, world.kms.stateOf(OLD)];
  const input = name === 'request-retirement-step' ? await asked(world) : { key: OLD, ...fields };

  await run(world, name, { ...input, dryRun: true });

  expect([await world.row(), await world.key(), world.facts().length, world.kms.stateOf(OLD)]).toEqual(before);
});

test('the certificate that is shown holds under the public key of the audit streams, and has the hash that approvals name', async () => {
  const world = await deletable();

  const shown = (await run(world, 'show-certificate', { key: OLD })) as ShownCertificate;
  const publicKey = verifierKey('keywright/audit/acme', await aSigner().publicKey());

  expect(verifyCertificate(shown.note, publicKey)).toMatchObject({
    hash: shown.hash,
    certificate: { kmsKeyArn: OLD, verdict: 'safe-to-delete' },
  });
  expect(shown.hash).toBe((await deletion(world)).certificateHash);
});

test('retirements are listed: all, those of a customer, that of a key', async () => {
  const world = await deletable();

  for (const which of [{}, { customerId: 'acme' }, { key: OLD }]) {
    const answer = await run(world, 'list-retirements', which);
    expect(answer).toMatchObject({ retirements: [{ kmsKeyArn: OLD, stage: 'deletable' }], more: false });
    expect(JSON.stringify(answer)).not.toMatch(/revision|settleKms|"note"/);
  }
  expect(await run(world, 'list-retirements', { key: NEW })).toEqual({ retirements: [], more: false });
});
