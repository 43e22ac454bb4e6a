/** A drill is judged by what really happened to its key, and its key is given back whoever dies on the way. */

import { unsettledIncidents } from '../../../../shared/domain/availability/incidents/find-incidents';
import { isOver } from '../../../../shared/domain/availability/incidents/incident';
import { DRILL_CAUSES } from '../../../../shared/domain/drills/drill';
import { type DrillPorts, followDrill, runDrill } from '../../../../shared/domain/drills/run-drill';
import { KeywrightError } from '../../../../shared/domain/errors';
import { DRILL_KEY, type DrillWorld, drillWorld } from '../../../support/drill-world';
import { faulty } from '../../../support/faulty';
import { anArn, anIncident, aWatch } from '../../../support/make';
import { DRILL_TOPIC, ONCALL_TOPIC } from '../../../support/memory-pager';

const KEY_STATE_CAUSES = ['key-disabled', 'key-pending-deletion'] as const;
const sentTo = (world: DrillWorld, topic: string) => world.pager.pages.filter(({ target }) => target === topic);

test.each(KEY_STATE_CAUSES)(
  '%s is really provoked, noticed, paged to the drill topic, and given back',
  async (cause) => {
    const world = drillWorld();
    await world.start(cause);
    await world.run();
    expect(world.kms.stateOf(DRILL_KEY)).not.toBe('Enabled');
    expect(world.drill()).toMatchObject({ state: 'provoked', provokedAt: world.clock.now() });

    await world.pass(10);
    expect(world.key()).toMatchObject({ loss: { cause }, isForDrills: true });
    await followDrill(DRILL_KEY, world.ports);
    expect(world.drill()).toMatchObject({ state: 'returning', foundCause: cause });
    expect(world.kms.stateOf(DRILL_KEY)).toBe('Enabled');

    await world.pass(10);
    await followDrill(DRILL_KEY, world.ports);
    expect(world.drill().state).toBe('returning');
    await world.pass(40);
    await world.run();

    const figures = { provokedAt: expect.any(String), detectedAt: expect.any(String), containedAt: expect.any(String) };
    expect(world.drill()).toMatchObject({ ...figures, state: 'passed', missed: [], pagedAt: expect.any(String) });
    expect(world.drill()).not.toHaveProperty('dueAt');
    expect(world.key()).not.toHaveProperty('openDrillId');
    expect(sentTo(world, DRILL_TOPIC).map(({ about }) => about)).toEqual(['opened', 'closed']);
    expect(sentTo(world, DRILL_TOPIC)[0]?.subject).toMatch(/^DRILL\. /);
    expect(sentTo(world, ONCALL_TOPIC)).toEqual([]);
    expect(world.control.outbox.find(({ detailType }) => detailType === 'drill-ended.v1')?.detail).toMatchObject({
      cause,
      outcome: 'passed',
      missed: [],
      detectMs: 10_000,
      containMs: 10_000,
      pageMs: 10_000,
      recoverMs: 10_000,
    });
  },
);

test.each(['key-policy', 'partial-loss'] as const)(
  '%s: its policy refuses the roles that look, and is as it was in the end',
  async (cause) => {
    const world = drillWorld();
    const before = await world.kms.policy({ kmsKeyArn: DRILL_KEY, access: { via: 'key-policy' } });
    await world.start(cause);
    await world.run();

    const during = await world.kms.policy({ kmsKeyArn: DRILL_KEY, access: { via: 'key-policy' } });
    const { Statement } = JSON.parse(during);
    expect(Statement.slice(0, -1)).toEqual(JSON.parse(before).Statement);
    expect(Statement.at(-1)).toMatchObject({ Effect: 'Deny', Principal: { AWS: world.ports.lookingRoleArns } });

    // Nobody looks in this world that its policy could refuse: it was not noticed.
    world.clock.advance(181_000);
    await world.run();
    expect(await world.kms.policy({ kmsKeyArn: DRILL_KEY, access: { via: 'key-policy' } })).toBe(before);
    world.clock.advance(60_000);
    await world.run();
    expect(world.drill()).toMatchObject({
      state: 'failed',
      missed: cause === 'key-policy' ? ['detect', 'contain', 'page'] : ['detect', 'page'],
    });
  },
);

test('its incident is one by itself, and a loss outside a drill is paged like any other', async () => {
  const world = drillWorld();
  await world.through('key-disabled');
  world.kms.become(DRILL_KEY, 'Disabled');
  await world.pass(600);

  expect(world.incidents().map(({ drillId, groupId }) => [drillId !== undefined, groupId !== undefined])).toEqual([
    [true, false],
    [false, true],
  ]);
  expect(sentTo(world, ONCALL_TOPIC)).toHaveLength(1);
});

test('what is late fails it, and on-call is warned of what was late, once', async () => {
  const world = drillWorld();
  await world.start();
  await world.run();
  await world.pass(70);
  await followDrill(DRILL_KEY, world.ports);
  world.clock.advance(121_000);
  await world.pass(1);
  await world.run();
  await world.page();
  await world.page();

  expect(world.drill()).toMatchObject({ state: 'failed', missed: ['detect', 'contain', 'page', 'recover'] });
  expect(world.kms.stateOf(DRILL_KEY)).toBe('Enabled');
  const [warning, ...more] = sentTo(world, ONCALL_TOPIC);
  expect(more).toEqual([]);
  expect(warning).toMatchObject({ severity: 'warning', runbook: 'docs/runbooks/drill-failed.md' });
  expect(warning?.body.replace(/\s+/g, ' ')).toContain('missed: detect, contain, page, recover. Measured: detect 70 s');
});

test('a page that the topic does not take fails it, and nobody is kept from the key for it', async () => {
  const world = drillWorld();
  world.pager.breakDown(DRILL_TOPIC);
  await world.start();
  await world.run();
  await world.pass(10);
  await followDrill(DRILL_KEY, world.ports);
  expect(world.drill().state).toBe('lost');
  await world.pass(200);
  await world.run();
  expect(world.kms.stateOf(DRILL_KEY)).toBe('Enabled');
  await world.pass(10);
  await world.pass(40);
  await world.run();

  expect(world.drill()).toMatchObject({ state: 'failed', missed: ['page'] });
});

test('a verdict with another cause fails it', async () => {
  const world = drillWorld();
  await world.start('key-disabled');
  await world.run();
  await world.kms.scheduleDeletion({ kmsKeyArn: DRILL_KEY, access: { via: 'key-policy' } }, 7);
  await world.pass(5);
  await expect(followDrill(DRILL_KEY, world.ports)).rejects.toMatchObject({ code: 'kms.key-pending-deletion' });
  await world.kms.cancelDeletion({ kmsKeyArn: DRILL_KEY, access: { via: 'key-policy' } });
  for (let turn = 0; turn < 6; turn += 1) {
    await world.run();
    await world.pass(20);
  }

  expect(world.drill()).toMatchObject({ state: 'failed', missed: ['cause'], foundCause: 'key-pending-deletion' });
});

test('one waits for the other, and for its incident to be over', async () => {
  const world = drillWorld();
  await world.start('key-disabled');
  await world.start('key-pending-deletion');
  await world.run();
  expect(world.control.all('drill').map(({ state }) => state)).toEqual(['provoked', 'due']);
  for (let turn = 0; turn < 20; turn += 1) {
    await world.pass(15);
    await world.run();
  }

  expect(world.control.all('drill').map(({ state }) => state)).toEqual(['passed', 'passed']);
  expect(world.incidents().map(({ cause }) => cause)).toEqual(['key-disabled', 'key-pending-deletion']);
});

test('a key that is not in order is not taken away: after two hours the drill has failed', async () => {
  const world = drillWorld();
  await world.through('key-disabled');
  world.kms.become(DRILL_KEY, 'Disabled');
  await world.pass(600);
  await world.start('key-pending-deletion');
  await world.run();
  expect(world.drill().state).toBe('due');
  world.clock.advance(2 * 3_600_000 + 1);
  await world.run();

  expect(world.drill()).toMatchObject({ state: 'failed', missed: ['begin'] });
  expect(world.kms.stateOf(DRILL_KEY)).toBe('Disabled');
});

test('another key’s news moves no drill', async () => {
  const world = drillWorld();
  await world.start();
  await world.run();
  await world.pass(5);
  await followDrill(anArn('other'), world.ports);
  expect(world.drill().state).toBe('provoked');
});

/** Ports of one run that dies at its nth call, before that has an effect or after: every later call of that run fails, too. */
function dying(world: DrillWorld, at: number, when: 'before' | 'after') {
  let calls = 0;
  const faults = {
    strike: () => {
      calls += 1;
      return calls < at ? undefined : calls === at ? when : ('before' as const);
    },
    error: () => new KeywrightError('store.unreachable', 'The process is dead.'),
    turn: async () => undefined,
  };
  const { control, administrator, crypto, observer } = world.ports;
  const ports: DrillPorts = {
    ...world.ports,
    control: faulty(control, faults),
    administrator: faulty(administrator, faults),
    crypto: faulty(crypto, faults),
    observer: faulty(observer, faults),
  };
  return { ports, isDead: () => calls >= at };
}

describe.each(DRILL_CAUSES)('%s', (cause) => {
  test.each(['before', 'after'] as const)(
    'whoever dies on any call, %s its effect: the key is given back, and the drill ends',
    async (when) => {
      let deaths = 0;
      for (let at = 1; ; at += 1) {
        const world = drillWorld();
        const first = await world.kms.policy({ kmsKeyArn: DRILL_KEY, access: { via: 'key-policy' } });
        await world.start(cause);
        // The one that dies works alone until it is dead.
        const one = dying(world, at, when);
        for (let turn = 0; turn < 20 && !one.isDead() && world.drill().endedAt === undefined; turn += 1) {
          await world.run(one.ports).catch(() => undefined);
          await world.pass(20);
        }
        for (let turn = 0; turn < 40 && world.drill().endedAt === undefined; turn += 1) {
          await world.pass(20);
          await world.run();
        }
        const policy = await world.kms.policy({ kmsKeyArn: DRILL_KEY, access: { via: 'key-policy' } });
        const ended = [
          world.kms.stateOf(DRILL_KEY),
          world.drill().endedAt !== undefined,
          world.key()?.openDrillId,
          policy,
        ];
        expect([at, ...ended]).toEqual([at, 'Enabled', true, undefined, first]);
        if (!one.isDead()) break;
        deaths += 1;
      }
      expect(deaths).toBeGreaterThan(15);
    },
  );
});

test('two at once, at every step, take the key away once and end it once', async () => {
  const world = drillWorld();
  const acts: string[] = [];
  const { administrator } = world.ports;
  const ports: DrillPorts = {
    ...world.ports,
    administrator: {
      ...administrator,
      disable: async (key) => {
        acts.push('disable');
        await administrator.disable(key);
      },
    },
  };
  const { drillId } = await world.start();
  for (let turn = 0; turn < 20 && world.drill().endedAt === undefined; turn += 1) {
    await Promise.all([runDrill(drillId, ports), runDrill(drillId, ports), world.run(ports)]);
    await world.pass(15);
  }

  expect(acts).toEqual(['disable']);
  expect(world.drill().state).toBe('passed');
  expect(world.facts().filter((name) => name === 'drill-ended.v1')).toHaveLength(1);
});

test('who was slow to take the key away is waited for: no drill ends while they may', async () => {
  const world = drillWorld();
  let late: (() => Promise<void>) | undefined;
  const { administrator } = world.ports;
  const disable = (key: Parameters<typeof administrator.disable>[0]) => administrator.disable(key);
  const slow: DrillPorts = {
    ...world.ports,
    administrator: {
      ...administrator,
      disable: async (key) => {
        late = () => disable(key);
        await disable(key);
      },
    },
  };
  await world.start();
  await world.run(slow);
  await world.pass(5);
  await world.run();
  await followDrill(DRILL_KEY, world.ports);
  await world.pass(5);
  await late?.();
  await followDrill(DRILL_KEY, world.ports);
  expect(world.drill().state).toBe('returning');
  world.clock.advance(40_000);
  await world.run();

  expect(world.kms.stateOf(DRILL_KEY)).toBe('Enabled');
  expect(world.drill().endedAt).toBeDefined();
});

test('its incident is listed as a drill’s among those that are open', async () => {
  const world = drillWorld();
  const { drillId } = await world.start();
  await world.run();
  await world.pass(5);

  const open = [];
  for await (const incident of unsettledIncidents(world.ports)) if (!isOver(incident)) open.push(incident);
  expect(open).toMatchObject([{ drillId }]);
});

test('a key that is back only just is not taken away again: the incident before would be told of, not this one', async () => {
  const world = drillWorld();
  await world.through('key-disabled');
  world.control.given('key-watch', aWatch({ kmsKeyArn: DRILL_KEY, openIncidentId: 'before' }));
  await world.start('key-pending-deletion');
  await world.run();

  expect(world.control.all('drill').map(({ state }) => state)).toEqual(['passed', 'due']);
});

test('an incident that another cause has is not taken for the drill’s', async () => {
  const world = drillWorld();
  await world.start();
  await world.run();
  world.control.given('incident', anIncident({ incidentId: 'other', kmsKeyArn: DRILL_KEY }));
  world.control.given('key-watch', aWatch({ kmsKeyArn: DRILL_KEY, openIncidentId: 'other' }));
  await followDrill(DRILL_KEY, world.ports);

  expect(world.drill().state).toBe('provoked');
});
