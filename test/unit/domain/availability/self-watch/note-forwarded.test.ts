import { noteForwarded } from '../../../../../shared/domain/availability/self-watch/note-forwarded';
import { after, NOW, silentLog } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';

const GLOBEX = { accountId: '444455556666', customerId: 'globex', isHeartbeat: false };

function world() {
  const control = memoryControlStore();
  let now = NOW;
  const ports = { control, clock: { now: () => now }, log: silentLog };
  return {
    control,
    row: () => control.all('forwarder')[0],
    note: (fields = {}) => noteForwarded({ ...GLOBEX, ...fields }, ports),
    pass: (ms: number) => {
      now = after(ms, now);
    },
  };
}

test('an account that never sent a heartbeat is noted, and never due', async () => {
  const it = world();
  await it.note();
  expect(it.row()).toMatchObject({ customerId: 'globex', lastAt: NOW, beats: false });
  expect(it.row()).not.toHaveProperty('dueAt');
});

test('once it sent one, whatever comes of it moves the date of its silence on', async () => {
  const it = world();
  await it.note();
  await it.note({ isHeartbeat: true });
  expect(it.row()).toMatchObject({ beats: true, dueAt: after(900_000) });

  it.pass(60_000);
  await it.note();
  expect(it.row()).toMatchObject({ beats: true, lastAt: after(60_000), dueAt: after(960_000) });
});

test('what a clock noted that ran ahead is put right by what comes next', async () => {
  const it = world();
  it.pass(86_400_000);
  await it.note({ isHeartbeat: true });
  it.pass(-86_400_000);
  await it.note();
  expect(it.row()).toMatchObject({ lastAt: NOW, dueAt: after(900_000) });
});

test('a busy account costs a write a minute', async () => {
  const it = world();
  for (let second = 0; second < 120; second += 1) {
    await it.note();
    it.pass(1_000);
  }
  expect(it.row()?.revision).toBe(2);
});
