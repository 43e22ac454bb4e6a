import { probeKeys } from '../../../../shared/domain/availability/probe-keys';
import { type KeySignal, raiseSignal, SLOT_MS } from '../../../../shared/domain/availability/raise-signal';
import { after, aKmsKey, anArn, aWatch, countedIds, NOW, noPause, silentLog } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { scriptedKms } from '../../../support/scripted-kms';

const failure: KeySignal = { kmsKeyArn: anArn(), signal: 'own-failure', observed: 'Decrypt failed', at: NOW };
const changed = (change: string): KeySignal => ({ ...failure, signal: 'customer-event', change, observed: change });

/** A key that was probed a moment ago, and a clock that a test moves. */
function world() {
  const control = memoryControlStore();
  control.given('key-watch', aWatch({ dueAt: after(300_000) }));
  const time = { ms: 0 };
  const ports = { control, clock: { now: () => after(time.ms) } };
  const observed = () => control.outbox.map(({ detail }) => detail['observed']);
  return { control, ports, time, observed, watch: () => control.find('key-watch', anArn()) };
}

test.each([
  ['available', 6],
  ['at-risk', 6],
  ['unknown', 6],
  ['unavailable', 0],
] as const)('a thousand failures in a minute of a key that is %s are %i signals', async (availability, signals) => {
  const { control, ports, time } = world();
  control.given('key-watch', aWatch({ availability, dueAt: after(300_000) }));

  for (; time.ms < 60_000; time.ms += 60) await raiseSignal(failure, ports);

  expect(control.outbox).toHaveLength(signals);
});

test.each([
  ['available', 0],
  ['at-risk', 1],
  ['unknown', 1],
  ['unavailable', 1],
] as const)('that a key serves which is %s is news %i times', async (availability, signals) => {
  const { control, ports } = world();
  control.given('key-watch', aWatch({ availability, dueAt: after(300_000) }));

  await raiseSignal({ ...failure, signal: 'own-success', observed: 'it works' }, ports);

  expect(control.outbox).toHaveLength(signals);
});

test('a signal that comes too soon after another makes the probe due, which looks at what came since', async () => {
  const { control, ports, time, watch } = world();
  await raiseSignal(failure, ports);
  // What an assessment that saw nothing new leaves behind.
  control.given('key-watch', aWatch({ dueAt: after(300_000) }));

  time.ms = SLOT_MS - 1;
  await raiseSignal(failure, ports);
  const once = await watch();
  await raiseSignal(failure, ports);

  expect(once?.dueAt).toBe(after(SLOT_MS));
  expect((await watch())?.revision).toBe(once?.revision);
});

test('the probe is due for the first signal too, and knows since when somebody has told: whoever assesses may be away', async () => {
  const { ports, time, watch } = world();
  await raiseSignal(failure, ports);
  const first = await watch();

  time.ms = SLOT_MS;
  await raiseSignal(failure, ports);

  expect(first).toMatchObject({ dueAt: after(SLOT_MS), toldSince: NOW });
  expect(await watch()).toMatchObject({ dueAt: after(2 * SLOT_MS), toldSince: NOW });
});

test('a probe that cannot be made due keeps no signal from the outbox', async () => {
  const { control, ports } = world();
  const find: typeof control.find = async () => {
    throw new Error('not now');
  };

  await expect(
    raiseSignal(changed('DisableKey'), { ...ports, control: { find, commit: control.commit } }),
  ).rejects.toThrow('not now');

  expect(control.outbox).toHaveLength(1);
});

test('what undoes a change is a signal of its own, however soon it comes', async () => {
  const { ports, observed } = world();

  for (const change of ['DisableKey', 'EnableKey', 'DisableKey', 'EnableKey'])
    await raiseSignal(changed(change), ports);

  expect(observed()).toEqual(['DisableKey', 'EnableKey']);
});

test('a change that comes back within its slot is left to the probe, and raised again after it', async () => {
  const { ports, time, observed, watch } = world();
  await raiseSignal(changed('DisableKey'), ports);
  await raiseSignal(changed('DisableKey'), ports);
  expect((await watch())?.dueAt).toBe(after(SLOT_MS));

  time.ms = SLOT_MS;
  await raiseSignal(changed('DisableKey'), ports);

  expect(observed()).toEqual(['DisableKey', 'DisableKey']);
});

test('what undoes a change by the same operation is a signal of its own within the slot once the change has its verdict, and nothing after it', async () => {
  const { control, ports, time, observed } = world();
  const verdict = { ...aWatch().verdict, availability: 'at-risk' as const, at: after(SLOT_MS + 2_000) };
  time.ms = SLOT_MS;
  await raiseSignal(changed('PutKeyPolicy'), ports);
  await raiseSignal(changed('PutKeyPolicy'), ports);
  expect(observed()).toHaveLength(1);

  control.given('key-watch', aWatch({ availability: 'at-risk', verdict, dueAt: verdict.at }));
  time.ms = SLOT_MS + 4_000;
  await raiseSignal(changed('PutKeyPolicy'), ports);
  expect(observed()).toHaveLength(2);

  // However often it goes to and fro.
  const next = { ...verdict, at: after(SLOT_MS + 5_000) };
  control.given('key-watch', aWatch({ verdict: next, dueAt: next.at }));
  time.ms = SLOT_MS + 6_000;
  await raiseSignal(changed('PutKeyPolicy'), ports);
  expect(observed()).toHaveLength(2);
});

test('another key, and another kind of signal, has a slot of its own', async () => {
  const { control, ports } = world();

  await raiseSignal(failure, ports);
  await raiseSignal({ ...failure, kmsKeyArn: anArn('other') }, ports);
  await raiseSignal(changed('DisableKey'), ports);

  expect(control.outbox).toHaveLength(3);
});

test('times that somebody wrote into events buy no more signals', async () => {
  const { control, ports } = world();

  for (let day = 0; day < 50; day += 1)
    await raiseSignal({ ...changed('DisableKey'), at: after(day * 86_400_000) }, ports);

  expect(control.outbox).toHaveLength(1);
});

test('an assessment at the same time takes nothing from the probe that is made due', async () => {
  const { control, ports, watch } = world();
  await raiseSignal(failure, ports);
  let raced = false;
  const find: typeof control.find = async (entityType, id) => {
    const row = await control.find(entityType, id);
    if (entityType === 'key-watch' && row && !raced) {
      raced = true;
      const assessed = await control.find('key-watch', id);
      if (assessed) await control.commit({ writes: [{ entityType: 'key-watch', row: assessed }], facts: [] });
    }
    return row;
  };

  await raiseSignal(changed('EnableKey'), ports);
  await raiseSignal(changed('EnableKey'), { ...ports, control: { find, commit: control.commit } });

  expect(raced).toBe(true);
  expect((await watch())?.dueAt).toBe(after(SLOT_MS));
});

test.each([0, 4_000])(
  'a probe that had looked before takes nothing from the one that is made due, %i ms later too',
  async (ms) => {
    const { control, ports, time, watch } = world();
    control.given('kms-key', aKmsKey());
    await raiseSignal(changed('DisableKey'), ports);
    control.given('key-watch', aWatch({ dueAt: NOW }));
    const kms = scriptedKms();
    const crypto: typeof kms.crypto = {
      ...kms.crypto,
      async unwrap(...asked) {
        const answer = await kms.crypto.unwrap(...asked);
        time.ms = ms;
        await raiseSignal(changed('DisableKey'), ports);
        return answer;
      },
    };
    const probes = { ...ports, control, ...kms, ids: countedIds(), pause: noPause, log: silentLog };

    await probeKeys({ ...probes, crypto });
    expect((await watch())?.dueAt).toBe(after(SLOT_MS));

    time.ms = SLOT_MS;
    await probeKeys(probes);
    expect(kms.unwraps()).toBe(2);
  },
);

test('signals that a flood leaves to the probe are one write a slot', async () => {
  const { ports, time, watch } = world();
  const before = (await watch())?.revision ?? 0;

  for (; time.ms < 6 * SLOT_MS; time.ms += 500) await raiseSignal(failure, ports);

  expect((await watch())?.revision).toBe(before + 6);
});
