import { approvalFault } from '../../../../shared/domain/retirement/approval';
import { approveStep, requestStep } from '../../../../shared/domain/retirement/approve-retirement';
import { deleteKey } from '../../../../shared/domain/retirement/delete-key';
import { requestRetirement } from '../../../../shared/domain/retirement/request-retirement';
import type { Retirement } from '../../../../shared/domain/retirement/retirement';
import { RETIREMENT_DEFAULTS, type SaidTerms } from '../../../../shared/domain/retirement/retirement-terms';
import { isSamePerson } from '../../../../shared/domain/retirement/same-person';
import { undoRetirement } from '../../../../shared/domain/retirement/undo-retirement';
import { setRotationRule } from '../../../../shared/domain/rotation/set-rotation-rule';
import { proven } from '../../../support/memory-identities';
import { ALICE, BOB, OLD, type RetirementWorld, retirementWorld } from '../../../support/retirement-world';

const EVE = 'arn:aws:iam::111122223333:user/eve';

async function deletable(fields = {}): Promise<RetirementWorld> {
  const world = retirementWorld({ disabledDays: 0 }, fields);
  await world.ended();
  await world.until('deletable');
  return world;
}

/** What is asked of the certificate that the key has now. */
const asked = async (world: RetirementWorld, fields = {}) => ({
  kmsKeyArn: OLD,
  step: 'schedule-deletion' as const,
  certificateHash: (await world.row()).certificate?.hash ?? '',
  reason: 'nobody needs it',
  by: proven(ALICE),
  ...fields,
});

test('one person asks, another approves, and the deletion is asked for', async () => {
  const world = await deletable();

  await world.request('schedule-deletion');
  const approved = await world.approve('schedule-deletion');

  expect(approved).toMatchObject({ requestedBy: ALICE, approvedBy: BOB, reason: 'nobody needs it' });
  expect(world.told('approval-changed.v1').map(({ to }) => to)).toEqual(['requested', 'approved']);
  expect(world.told('deletion-due.v1')).toHaveLength(1);
  expect(world.kms.stateOf(OLD)).toBe('Disabled');
});

test('asked and approved again by the same people, it stays as it is', async () => {
  const world = await deletable();
  await world.request('schedule-deletion');
  await world.request('schedule-deletion');
  await world.approve('schedule-deletion');
  await world.approve('schedule-deletion');
  await world.request('schedule-deletion');

  expect(world.told('approval-changed.v1')).toHaveLength(2);
});

test.each([
  ['the one who asked', ALICE],
  ['the one who asked, in a role', 'arn:aws:sts::111122223333:assumed-role/Admin/alice'],
  ['the one who asked, in another account', 'arn:aws:iam::999922223333:user/Alice'],
])('%s does not approve', async (_, by) => {
  const world = await deletable();
  await world.request('schedule-deletion');

  await expect(world.approve('schedule-deletion', by)).rejects.toThrow(/^approval: .*in another role\.$/);

  expect(world.told('deletion-due.v1')).toEqual([]);
});

test.each([
  ['a certificate that is not the last', { certificateHash: 'ab'.repeat(32) }, /^certificateHash: /],
  ['a key that nobody knows', { kmsKeyArn: `${OLD}x` }, /^key: .*not registered/],
  ['a step of another stage', { step: 'disable' }, /^step: disable is taken from disable-due/],
])('%s is refused, by who asks and by who approves, before anything is touched', async (_, fields, message) => {
  const world = await deletable();
  await world.request('schedule-deletion');
  const facts = world.facts().length;
  const request = await asked(world, fields);

  await expect(requestStep(request, world.ports)).rejects.toThrow(message);
  await expect(approveStep({ ...request, by: proven(BOB) }, world.ports)).rejects.toThrow(message);

  expect(world.facts()).toHaveLength(facts);
});

test('under two session names of one role nobody approves what they asked for', async () => {
  const world = await deletable();
  await world.request('schedule-deletion', 'arn:aws:sts::111122223333:assumed-role/Operator/somebody');

  await expect(world.approve('schedule-deletion', BOB)).rejects.toMatchObject({ code: 'state.forbids' });

  expect(world.told('deletion-due.v1')).toEqual([]);
});

test('the certificate of another customer’s key approves nothing', async () => {
  const world = await deletable();
  await world.request('schedule-deletion');
  const theirs = retirementWorld({ disabledDays: 0 }, { customerId: 'globex' });
  await theirs.ended();
  await theirs.until('deletable');
  const { certificate } = await theirs.row();
  const asks = await asked(world, { certificateHash: certificate?.hash, by: proven(BOB) });

  await expect(approveStep(asks, world.ports)).rejects.toThrow(/^certificateHash: is not that of the key’s last/);

  expect(world.told('deletion-due.v1')).toEqual([]);
});

test('who was given another name between asking and approving is still one person', async () => {
  const world = await deletable();
  const renamed = { ...proven('arn:aws:iam::111122223333:user/alison'), userId: 'AIDAalice' };
  await world.request('schedule-deletion');

  await expect(approveStep(await asked(world, { by: renamed }), world.ports)).rejects.toThrow(
    /^approval: .*alice has asked/,
  );

  expect(world.told('deletion-due.v1')).toEqual([]);
});

test('a proof serves for one request or approval: after the step was taken back it serves for none', async () => {
  const world = await deletable();
  const [alice, bob] = [proven(ALICE), proven(BOB)];
  const bySame = async () => ({
    request: await asked(world, { by: alice }),
    approval: await asked(world, { by: bob }),
  });
  await requestStep((await bySame()).request, world.ports);
  await approveStep((await bySame()).approval, world.ports);
  await undoRetirement({ kmsKeyArn: OLD, step: 'schedule-deletion', reason: 'wait', by: EVE }, world.ports);
  await requestRetirement({ kmsKeyArn: OLD, by: EVE }, world.ports);
  await world.pass(1);
  await world.until('deletable');

  await expect(requestStep((await bySame()).request, world.ports)).rejects.toMatchObject({ code: 'identity.refused' });
  await world.request('schedule-deletion');
  await expect(approveStep((await bySame()).approval, world.ports)).rejects.toMatchObject({ code: 'identity.refused' });

  expect(world.told('deletion-due.v1')).toHaveLength(1);
  expect(await world.approve('schedule-deletion')).toMatchObject({ approvedBy: BOB });
});

test('of two acts that bring one proof at the same time one is done', async () => {
  const world = await deletable();
  const by = proven(ALICE);
  const request = await asked(world, { by });
  const other = await asked(world, { by: { ...proven(EVE), proofId: by.proofId } });

  const outcomes = await Promise.allSettled([requestStep(request, world.ports), requestStep(other, world.ports)]);

  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(world.control.all('used-proof')).toHaveLength(1);
});

test('what nobody asked for is not approved', async () => {
  const world = await deletable();

  await expect(world.approve('schedule-deletion')).rejects.toMatchObject({ code: 'state.not-found' });
});

test('a request that says nobody’s unique id is void: it is asked for again', async () => {
  const world = await deletable();
  const { requesterId: _gone, ...row } = await world.request('schedule-deletion');
  world.control.given('approval', { ...row, revision: 1 });

  await expect(world.approve('schedule-deletion')).rejects.toMatchObject({ code: 'state.not-found' });
  await world.request('schedule-deletion', EVE);

  expect(await world.approve('schedule-deletion')).toMatchObject({ requestedBy: EVE, approvedBy: BOB });
});

test('a request that ran out is not approved, and can be made anew', async () => {
  const world = await deletable();
  await world.request('schedule-deletion');
  await world.pass(7);

  await expect(world.approve('schedule-deletion')).rejects.toThrow(/^step: the request ran out/);
  await world.request('schedule-deletion', EVE);

  expect(await world.approve('schedule-deletion', ALICE)).toMatchObject({ requestedBy: EVE, approvedBy: ALICE });
});

test('two who ask do not make one who approves', async () => {
  const world = await deletable();
  await world.request('schedule-deletion');

  await expect(world.request('schedule-deletion', EVE)).rejects.toThrow(/Approve it instead/);
});

test('a request for the certificate before is not approved for the one now', async () => {
  const world = await deletable();
  await world.request('schedule-deletion');
  await world.dataKeyTurnsUp();
  await world.pass(1.1);
  const row = await world.row();
  const certificate = { note: '', hash: 'cd'.repeat(32), verdict: 'safe-to-delete', issuedAt: '' } as const;
  world.control.given('retirement', { ...row, stage: 'deletable', certificate });

  await expect(world.approve('schedule-deletion')).rejects.toThrow(/^certificateHash: the request is for another/);
});

test('a retirement that is held takes no step', async () => {
  const world = await deletable();
  const held = { by: EVE, reason: 'wait', at: '' };
  world.control.given('retirement', { ...(await world.row()), held });

  await expect(world.request('schedule-deletion')).rejects.toThrow(/^step: the retirement is held by .*eve/);
});

test('a customer’s own key is theirs to delete', async () => {
  const world = await deletable();
  const key = await world.key();
  if (key) world.control.given('kms-key', { ...key, option: 'customer-managed' });

  await expect(world.request('schedule-deletion')).rejects.toThrow(/^key: the key is the customer’s/);
});

test('a dry run of either touches nothing', async () => {
  const world = await deletable();
  const facts = world.facts().length;

  expect(await requestStep(await asked(world, { dryRun: true }), world.ports)).toMatchObject({ requestedBy: ALICE });
  expect(world.control.all('approval')).toEqual([]);
  await world.request('schedule-deletion');
  await approveStep(await asked(world, { by: proven(BOB), dryRun: true }), world.ports);

  expect(world.control.all('approval')).toMatchObject([{ requestedBy: ALICE }]);
  expect(world.control.all('approval')[0]).not.toHaveProperty('approvedBy');
  expect(world.facts()).toHaveLength(facts + 1);
});

describe('what two people agree to is what is carried out', () => {
  const change = (world: RetirementWorld, terms: SaidTerms) =>
    requestRetirement({ kmsKeyArn: OLD, by: ALICE, terms }, world.ports);

  test.each<SaidTerms>([{ waitingDays: 7 }, { waitingDays: 29 }, { disabledDays: 1 }, { onUse: 'alert' }])(
    'a certificate that waits for its approval is issued anew where its terms become %j',
    async (terms) => {
      const world = await deletable();
      await world.request('schedule-deletion');
      const read = await asked(world, { by: proven(BOB) });

      const changed = await change(world, terms);

      expect(changed).toMatchObject({ stage: 'disabled', reason: 'its terms were changed' });
      expect(world.told('retirement-advanced.v1').at(-1)).toMatchObject({
        from: 'deletable',
        to: 'disabled',
        by: ALICE,
      });
      await world.until('deletable');
      await expect(approveStep(read, world.ports)).rejects.toThrow(/^certificateHash: /);
      await expect(world.approve('schedule-deletion')).rejects.toThrow(/^certificateHash: the request is for another/);
      expect(termsCertified(await world.row())).toMatchObject(terms);
    },
  );

  test('a deletion that was approved is not carried out by other terms, at once or later', async () => {
    const world = await deletable();
    await world.request('schedule-deletion');
    await world.approve('schedule-deletion');
    await change(world, { waitingDays: 7 });

    expect(await deleteKey({ kmsKeyArn: OLD }, world.ports)).toBe('not-due');
    await world.pass(0);
    await world.pass(1);
    expect(await deleteKey({ kmsKeyArn: OLD }, world.ports)).toBe('not-due');

    expect([(await world.row()).stage, world.kms.stateOf(OLD)]).toEqual(['deletable', 'Disabled']);
  });

  test.each<SaidTerms>([{ quietDays: 1 }, { disabledDays: 60 }, { onUse: 'alert' }])(
    'nor is a disabling that was approved, where its terms become %j',
    async (terms) => {
      const world = retirementWorld({ approveDisable: true });
      await world.ended();
      await world.request('disable');
      await world.approve('disable');

      await change(world, terms);
      await world.until('disable-due');
      await world.pass(1);

      expect([(await world.row()).stage, world.kms.stateOf(OLD)]).toEqual(['disable-due', 'Enabled']);
      expect(termsCertified(await world.row())).toMatchObject(terms);
    },
  );

  test('asked to go on by the terms that it has, it keeps certificate and approval', async () => {
    const world = await deletable();
    await world.request('schedule-deletion');
    await change(world, { waitingDays: 30 });

    expect(await world.approve('schedule-deletion')).toMatchObject({ approvedBy: BOB });
  });

  test('while it is being disabled other terms take nothing back', async () => {
    const world = retirementWorld();
    const disable = () => Promise.reject(new Error('died'));
    const { administrator } = world.ports;
    Object.assign(world.ports, { administrator: { ...world.kms, disable } });
    await expect(world.ended()).rejects.toThrow('died');
    Object.assign(world.ports, { administrator });

    expect(await change(world, { disabledDays: 60 })).toMatchObject({ stage: 'disable-due' });
    await world.pass(1);

    expect([(await world.row()).stage, world.kms.stateOf(OLD)]).toEqual(['disabled', 'Disabled']);
  });

  test('a dry run tells where other terms take it, and touches nothing', async () => {
    const world = await deletable();
    const [before, facts] = [await world.row(), world.facts().length];

    const tried = await requestRetirement(
      { kmsKeyArn: OLD, by: ALICE, terms: { waitingDays: 7 }, dryRun: true },
      world.ports,
    );

    expect(tried).toMatchObject({ stage: 'disabled', terms: { waitingDays: 7 } });
    expect([await world.row(), world.facts().length]).toEqual([before, facts]);
  });
});

describe('what takes two people one alone does not lift', () => {
  const start = (world: RetirementWorld, terms: SaidTerms) =>
    requestRetirement({ kmsKeyArn: OLD, by: ALICE, terms }, world.ports);

  test.each<[string, (world: RetirementWorld) => Promise<unknown>]>([
    ['has not begun', async () => undefined],
    ['waits for them', (world) => world.ended()],
    [
      'was taken back',
      async (world) => {
        await world.ended();
        await undoRetirement({ kmsKeyArn: OLD, step: 'disable', reason: 'wait', by: ALICE }, world.ports);
      },
    ],
  ])('a key whose retirement %s is not disabled without them', async (_, happens) => {
    const world = retirementWorld({ approveDisable: true });
    await happens(world);
    const before = world.control.all('retirement');

    await expect(start(world, { approveDisable: false })).rejects.toMatchObject({
      code: 'state.forbids',
      message: expect.stringMatching(/^retirement\.approveDisable: /),
    });

    expect(world.control.all('retirement')).toEqual(before);
  });

  test('a rule that asks for less reaches no key that was replaced', async () => {
    const world = retirementWorld({ approveDisable: true });
    const rule = { scope: 'option/customer-specific', strategy: 'replace', periodDays: 30, reencrypt: true } as const;
    await setRotationRule({ ...rule, retirement: RETIREMENT_DEFAULTS, by: ALICE }, world.ports);
    await world.ended();
    await world.pass(40);

    expect([(await world.row()).stage, world.kms.stateOf(OLD)]).toEqual(['disable-due', 'Enabled']);
  });

  test('what a use of the disabled key does stays what they agreed to', async () => {
    const world = retirementWorld({ approveDisable: true });
    await world.ended();
    await world.request('disable');
    await world.approve('disable');
    await world.until('disabled');

    await expect(start(world, { onUse: 'alert' })).rejects.toThrow(/^retirement\.onUse: two people agreed/);
    // What comes next two people agree to again, with these terms before their eyes.
    expect(await start(world, { disabledDays: 1 })).toMatchObject({ terms: { onUse: 'enable', disabledDays: 1 } });
  });

  test('where one disables alone, one chooses what a use does', async () => {
    const world = retirementWorld();
    await world.ended();

    expect(await start(world, { onUse: 'alert', approveDisable: true })).toMatchObject({ terms: { onUse: 'alert' } });
  });
});

/** What the certificate says that people read. */
const termsCertified = ({ certificate }: Retirement): unknown =>
  JSON.parse(certificate?.note.split('\n')[1] ?? '').terms;

describe('an approval is good', () => {
  const good = async () => {
    const world = await deletable();
    await world.request('schedule-deletion');
    const approval = await world.approve('schedule-deletion');
    return { approval, retirement: await world.row(), now: world.clock.now() };
  };

  test('for its key, its step, its certificate, in its time and once', async () => {
    const { approval, retirement, now } = await good();

    expect(approvalFault(approval, 'schedule-deletion', retirement, now)).toBeUndefined();
  });

  test.each([
    ['approvedBy', ALICE],
    ['approverId', 'AIDAalice'],
    ['approverId', undefined],
    ['requesterId', undefined],
    ['kmsKeyArn', `${OLD}x`],
    ['step', 'disable'],
    ['certificateHash', 'ab'],
    ['expiresAt', '2020-01-01T00:00:00.000Z'],
    ['usedAt', '2026-01-01T00:00:00.000Z'],
  ])('and for nothing else: with another %s it is not', async (field, value) => {
    const { approval, retirement, now } = await good();

    expect(approvalFault({ ...approval, [field]: value }, 'schedule-deletion', retirement, now)).toBeDefined();
  });
});

const session = (role: string, name: string) => `arn:aws:sts::111122223333:assumed-role/${role}/${name}`;

test.each([
  ['the same user', ALICE, ALICE, true],
  ['two users', ALICE, EVE, false],
  ['a user and somebody in a role', ALICE, BOB, false],
  ['sessions of two roles with two names', session('A', 'x'), session('B', 'y'), false],
  ['sessions of one role, whatever they are called', session('A', 'x'), session('A', 'y'), true],
  ['a role and a session of it', 'arn:aws:iam::111122223333:role/ops/A', session('A', 'y'), true],
  ['one name in two roles', session('A', 'carol@example.com'), session('B', 'Carol@example.com'), true],
  [
    'roles of one name in two accounts',
    session('A', 'x'),
    session('A', 'y').replace('111122223333', '999922223333'),
    false,
  ],
])('%s: one person or not', (_, one, other, same) => {
  expect([isSamePerson(one, other), isSamePerson(other, one)]).toEqual([same, same]);
});
