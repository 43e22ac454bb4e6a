import { KeywrightError } from '../../../../shared/domain/errors';
import { NEVER } from '../../../../shared/domain/instants';
import { RETIREMENT_DEFAULTS } from '../../../../shared/domain/retirement/retirement-terms';
import { applyRules } from '../../../../shared/domain/rotation/apply-rotation-rules';
import { planRotations } from '../../../../shared/domain/rotation/plan-rotations';
import { type RuleRequest, setRotationRule } from '../../../../shared/domain/rotation/set-rotation-rule';
import { aCustomer, aKmsKey, anArn, aPolicy, after as fromNow } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';

const DAY_MS = 86_400_000;

const aRequest = (fields: Partial<RuleRequest> = {}): RuleRequest => ({
  scope: 'option/customer-specific',
  strategy: 'replace',
  periodDays: 365,
  reencrypt: true,
  by: 'arn:aws:iam::111122223333:user/ana',
  ...fields,
});

/** A key under no terms of its own: those of a rule that it was born under. */
const givenRuled = (world: RotationWorld, name: string, key = {}) =>
  world.givenKey({ kmsKeyArn: anArn(name), ...key }, { scope: 'option/customer-specific', ruleSetAt: fromNow(-1) });

const policyOf = (world: RotationWorld, name: string) => world.control.find('rotation-policy', anArn(name));

describe('a rule', () => {
  test('is written into the policies of every key of its option, and into no other', async () => {
    const world = rotationWorld();
    for (const name of ['one', 'two', 'three']) givenRuled(world, name, { customerId: name });
    givenRuled(world, 'shared', { option: 'managed' });

    const { rule, kmsKeyArns } = await setRotationRule(aRequest(), world.ports);

    expect(kmsKeyArns).toEqual([anArn('one'), anArn('three'), anArn('two')]);
    expect(await policyOf(world, 'two')).toMatchObject({ strategy: 'replace', scope: rule.scope });
    expect(await policyOf(world, 'shared')).toMatchObject({ strategy: 'kms-on-demand' });
    expect(await world.control.find('rotation-rule', rule.scope)).toMatchObject({ dueAt: NEVER });
    expect(world.facts()).toEqual(['rotation-rule-set.v1']);
  });

  test('is written on by the planner where one run is not enough, and each key has it in the end', async () => {
    const world = rotationWorld();
    for (let at = 0; at < 1_300; at += 1) givenRuled(world, `key-${at}`, { customerId: `customer-${at}` });
    await setRotationRule(aRequest(), world.ports);
    const ruled = () => world.control.all('rotation-policy').filter(({ strategy }) => strategy === 'replace').length;
    const atFirst = ruled();

    for (let run = 0; run < 2; run += 1) await applyRules(world.ports);

    expect(atFirst).toBeLessThan(1_300);
    expect(ruled()).toBe(1_300);
    expect(await applyRules(world.ports)).toBe(0);
  });

  test('that fails for some key is written again, and the others have it', async () => {
    const world = rotationWorld();
    for (const name of ['one', 'two']) givenRuled(world, name, { customerId: name });
    const commit: typeof world.control.commit = (change) =>
      change.writes.some(({ row }) => 'kmsKeyArn' in row && row.kmsKeyArn === anArn('one'))
        ? Promise.reject(new KeywrightError('store.unreachable', 'down'))
        : world.control.commit(change);
    await setRotationRule(aRequest(), { ...world.ports, control: { ...world.control, commit } });
    expect(await policyOf(world, 'two')).toMatchObject({ strategy: 'replace' });
    expect(await policyOf(world, 'one')).toMatchObject({ strategy: 'kms-on-demand' });

    world.clock.advance(6 * 60_000);
    await applyRules(world.ports);

    expect(await policyOf(world, 'one')).toMatchObject({ strategy: 'replace' });
  });

  test('for a customer wins over that of the option, and one for a key over both, in whatever order they come', async () => {
    const world = rotationWorld();
    world.control.given('customer', aCustomer({ revision: 1 }));
    givenRuled(world, 'one');
    givenRuled(world, 'two');

    await setRotationRule(aRequest({ scope: `key/${anArn('one')}`, periodDays: 10 }), world.ports);
    await setRotationRule(aRequest({ scope: 'customer/acme', periodDays: 20 }), world.ports);
    await setRotationRule(aRequest({ periodDays: 30 }), world.ports);

    expect(await policyOf(world, 'one')).toMatchObject({ periodDays: 10, scope: `key/${anArn('one')}` });
    expect(await policyOf(world, 'two')).toMatchObject({ periodDays: 20, scope: 'customer/acme' });
  });

  test('leaves terms that were given for one key alone, unless it is for that key', async () => {
    const world = rotationWorld();
    world.givenKey();

    await setRotationRule(aRequest(), world.ports);
    expect(await policyOf(world, 'one')).toMatchObject({ strategy: 'kms-on-demand' });
    await setRotationRule(aRequest({ scope: `key/${anArn()}` }), world.ports);

    expect(await policyOf(world, 'one')).toMatchObject({ strategy: 'replace' });
  });

  test('with a shorter period makes a key due by when it was last rotated', async () => {
    const world = rotationWorld();
    const key = givenRuled(world, 'one');
    world.control.given(
      'rotation-policy',
      aPolicy({
        kmsKeyArn: key.kmsKeyArn,
        scope: 'option/customer-specific',
        since: fromNow(-50 * DAY_MS),
        revision: 1,
      }),
    );

    await setRotationRule(aRequest({ periodDays: 60 }), world.ports);

    const dueAt = (await policyOf(world, 'one'))?.dueAt ?? '';
    expect(dueAt > fromNow(6 * DAY_MS) && dueAt <= fromNow(10 * DAY_MS)).toBe(true);
  });

  test('that makes many keys due at once keeps them apart', async () => {
    const world = rotationWorld();
    for (let at = 0; at < 50; at += 1) {
      const kmsKeyArn = givenRuled(world, `key-${at}`, { customerId: `customer-${at}` }).kmsKeyArn;
      world.control.given(
        'rotation-policy',
        aPolicy({ kmsKeyArn, scope: 'option/customer-specific', since: fromNow(-99 * DAY_MS), revision: 1 }),
      );
    }

    await setRotationRule(aRequest({ periodDays: 60 }), world.ports);

    const due = world.control.all('rotation-policy').map(({ dueAt }) => dueAt);
    expect(new Set(due.map((dueAt) => dueAt.slice(0, 13))).size).toBeGreaterThan(10);
    expect(due.every((dueAt) => dueAt <= fromNow(DAY_MS))).toBe(true);
  });

  test('that a policy missed is found when the policy comes due', async () => {
    const world = rotationWorld();
    givenRuled(world, 'one');
    await setRotationRule(aRequest(), world.ports);
    const missed = aPolicy({
      scope: 'option/customer-specific',
      ruleSetAt: fromNow(-1),
      since: fromNow(0),
      revision: 2,
    });
    world.control.given('rotation-policy', missed);

    const { planned } = await planRotations(world.ports);

    expect(planned).toMatchObject({ started: 0, 'not-due': 1 });
    expect(await policyOf(world, 'one')).toMatchObject({ strategy: 'replace', periodDays: 365 });
  });

  test('of which only a dry run is asked touches nothing', async () => {
    const world = rotationWorld();
    givenRuled(world, 'one');

    const { kmsKeyArns } = await setRotationRule(aRequest({ dryRun: true }), world.ports);

    expect(kmsKeyArns).toEqual([anArn('one')]);
    expect(world.control.all('rotation-rule')).toEqual([]);
    expect(world.control.outbox).toEqual([]);
    expect(await policyOf(world, 'one')).toMatchObject({ strategy: 'kms-on-demand' });
  });
});

describe('refused before anything is touched, naming the field', () => {
  const window = { days: ['sun'], from: '01:00', to: '01:00', timeZone: 'UTC' } as const;

  test.each<[string, string, Partial<RuleRequest>]>([
    ['a scope of no kind', 'scope', { scope: 'region/eu' }],
    ['a scope of nothing', 'scope', { scope: 'key/' }],
    ['an option without keys of ours', 'scope', { scope: 'option/none' }],
    ['an unknown customer', 'scope', { scope: 'customer/nobody' }],
    ['an unknown key', 'scope', { scope: `key/${anArn('nobody')}` }],
    ['a customer who shares a key', 'scope', { scope: 'customer/sharing' }],
    ['a period shorter than KMS rotates', 'periodDays', { strategy: 'kms-automatic', periodDays: 89 }],
    ['a period longer than KMS rotates', 'periodDays', { strategy: 'kms-automatic', periodDays: 2561 }],
    ['half a day', 'periodDays', { periodDays: 0.5 }],
    ['no period', 'periodDays', { periodDays: 0 }],
    ['a strategy of another option', 'strategy', { strategy: 'customer' }],
    ['a strategy of ours for a key of theirs', 'strategy', { scope: 'option/customer-managed' }],
    ['a window of no length', 'window.to', { window }],
    ['a time zone that does not exist', 'window.timeZone', { window: { ...window, to: '02:00', timeZone: 'Mars' } }],
    ['more uses than AES-GCM bears', 'triggers.maxUses', { triggers: { maxUses: 2 ** 32 + 1 } }],
    ['a fact that tells of no key', 'triggers.facts', { triggers: { facts: ['audit-appended.v1'] } }],
    ['drift of what does not drift', 'onDrift', { onDrift: 'repair' }],
    ['a share of nobody’s quota', 'agreedShare', { agreedShare: 0.5 }],
    [
      'a wait that KMS does not know',
      'retirement.waitingDays',
      { strategy: 'replace', retirement: { ...RETIREMENT_DEFAULTS, waitingDays: 6 } },
    ],
    [
      'terms by which a key of theirs goes',
      'retirement',
      { scope: 'option/customer-managed', strategy: 'customer', retirement: RETIREMENT_DEFAULTS },
    ],
  ])('%s', async (_, field, fields) => {
    const world = rotationWorld();
    givenRuled(world, 'one');
    world.control.given('customer', aCustomer({ customerId: 'sharing', option: 'managed', revision: 1 }));

    const asked = setRotationRule(aRequest(fields), world.ports);

    await expect(asked).rejects.toThrow(
      expect.objectContaining({ details: expect.objectContaining({ field }), retry: false }),
    );
    await expect(asked).rejects.toThrow(new RegExp(`^${field}: .+[.?]$`));
    expect(world.control.all('rotation-rule')).toEqual([]);
    expect(world.control.outbox).toEqual([]);
  });

  test.each([
    ['kms-automatic', { origin: 'EXTERNAL' }, /imported-material/],
    ['kms-on-demand', { origin: 'EXTERNAL' }, /imported-material/],
    ['imported-material', {}, /kms-on-demand/],
    ['kms-on-demand', { origin: 'AWS_CLOUDHSM' }, /replace/],
    ['kms-automatic', { keySpec: 'RSA_2048' }, /replace/],
    ['kms-on-demand', { multiRegion: 'replica' }, /primary/],
  ] as const)('%s for a key whose kind KMS does not rotate so', async (strategy, about, way) => {
    const world = rotationWorld();
    world.givenKey();
    world.kms.describeAs(anArn(), about);

    const asked = setRotationRule(aRequest({ scope: `key/${anArn()}`, strategy }), world.ports);

    await expect(asked).rejects.toThrow(way);
    await expect(asked).rejects.toMatchObject({ code: 'input.invalid', details: { field: 'strategy' } });
  });

  test('a key that another has taken the place of, naming that one', async () => {
    const world = rotationWorld();
    world.givenKey({ state: 'retiring', replacedBy: anArn('next') });

    await expect(setRotationRule(aRequest({ scope: `key/${anArn()}` }), world.ports)).rejects.toThrow(anArn('next'));
  });
});

test('a key without a policy gets the one of its rule', async () => {
  const world = rotationWorld();
  world.control.given('kms-key', aKmsKey({ revision: 1 }));
  world.kms.given(anArn());
  world.control.given('customer', aCustomer({ revision: 1 }));

  await setRotationRule(aRequest({ scope: 'customer/acme' }), world.ports);

  expect(await policyOf(world, 'one')).toMatchObject({ strategy: 'replace', scope: 'customer/acme' });
});
