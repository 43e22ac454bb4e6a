import { forgetIgnored, noteIgnored } from '../../../../../shared/domain/availability/self-watch/note-ignored';
import { after, NOW, silentLog } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const STRANGER = { accountId: '999988887777', reason: 'it concerns no customer' };

function world() {
  const control = memoryControlStore();
  let now = NOW;
  const ports = { control, clock: { now: () => now }, log: silentLog };
  return {
    control,
    row: () => control.all('ignored-sender')[0],
    note: (reason = STRANGER.reason) => noteIgnored({ ...STRANGER, reason }, ports),
    forget: () => forgetIgnored(ports),
    pass: (ms: number) => {
      now = after(ms, now);
    },
  };
}

test('a flood costs a write a minute, and says since when and why of the last', async () => {
  const it = world();
  for (let second = 0; second < 120; second += 1) {
    await it.note(`reason ${second}`);
    it.pass(1_000);
  }
  expect(it.row()).toMatchObject({ since: NOW, lastAt: after(MINUTE_MS), reason: 'reason 60', revision: 2 });
});

test('a day without any ends it: it is due no more, and what comes later is new', async () => {
  const it = world();
  await it.note();
  it.pass(DAY_MS - 1);
  await it.forget();
  expect(await it.control.due('ignored-sender', after(2 * DAY_MS), 10)).toHaveLength(1);

  it.pass(1);
  await it.forget();
  expect(await it.control.due('ignored-sender', after(2 * DAY_MS), 10)).toEqual([]);
  expect(it.row()).toMatchObject({ since: NOW });

  await it.note();
  expect(it.row()).toMatchObject({ since: after(DAY_MS) });
});

test('a reason that quotes much of what others wrote is cut', async () => {
  const it = world();
  await it.note('x'.repeat(5_000));
  expect(it.row()?.reason).toHaveLength(200);
});
