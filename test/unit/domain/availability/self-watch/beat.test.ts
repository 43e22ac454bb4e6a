import { beat } from '../../../../../shared/domain/availability/self-watch/beat';
import { after, NOW, silentLog } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';

function world() {
  const control = memoryControlStore();
  let now = NOW;
  return {
    control,
    ports: { control, clock: { now: () => now }, log: silentLog },
    row: () => control.all('heartbeat')[0],
    pass: (ms: number) => {
      now = after(ms, now);
    },
  };
}

test('a beat is noted twice a minute at the most, however often the function runs', async () => {
  const it = world();
  for (let run = 0; run < 59; run += 1) {
    await beat('probe-keys/0', it.ports);
    it.pass(1_000);
  }
  expect(it.row()).toMatchObject({ name: 'probe-keys/0', lastAt: after(30_000), revision: 2 });
});

test('a beat from a clock that ran ahead is put right by the next one', async () => {
  const it = world();
  it.control.given('heartbeat', { name: 'probe-keys/0', lastAt: after(86_400_000), revision: 1 });
  await beat('probe-keys/0', it.ports);
  expect(it.row()).toMatchObject({ lastAt: NOW });
});

test('that part of a run fails is noted at once, since the first of them, and so is that none does', async () => {
  const it = world();
  await beat('probe-keys/0', it.ports);
  it.pass(1_000);
  await beat('probe-keys/0', it.ports, true);
  it.pass(60_000);
  await beat('probe-keys/0', it.ports, true);
  expect(it.row()).toMatchObject({ lastAt: after(61_000), failingSince: after(1_000) });

  await beat('probe-keys/0', it.ports);
  expect(it.row()).not.toHaveProperty('failingSince');
});

test('two that beat at the same time are one beat, and a table that is away stops no work', async () => {
  const it = world();
  await Promise.all([beat('page-oncall', it.ports), beat('page-oncall', it.ports)]);
  expect(it.row()).toMatchObject({ revision: 1 });

  const find = () => Promise.reject(new Error('away'));
  await beat('page-oncall', { ...it.ports, control: { ...it.control, find } });
});
