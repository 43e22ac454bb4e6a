import fc from 'fast-check';
import {
  isOpen,
  nextOpening,
  refuseBadWindow,
  WEEKDAYS,
  type WorkWindow,
} from '../../../../shared/domain/rotation/work-window';

const MINUTE_MS = 60_000;

const nightly = (fields: Partial<WorkWindow> = {}): WorkWindow => ({
  days: [...WEEKDAYS],
  from: '01:00',
  to: '05:00',
  timeZone: 'Europe/Berlin',
  ...fields,
});

test.each([
  ['the minute before it opens', '2026-11-23T23:59:59.999Z', false],
  ['the minute in which it opens', '2026-11-24T00:00:00.000Z', true],
  ['the last millisecond inside', '2026-11-24T03:59:59.999Z', true],
  ['the minute in which it closes', '2026-11-24T04:00:00.000Z', false],
])('a window holds its first minute and not its end: %s', (_, at, open) => {
  expect(isOpen(nightly(), at)).toBe(open);
});

test('a window over midnight belongs to the day on which it opens', () => {
  // 2026-11-27 is a Friday.
  const window = nightly({ days: ['fri'], from: '22:00', to: '04:00', timeZone: 'UTC' });

  expect(isOpen(window, '2026-11-27T23:00:00.000Z')).toBe(true);
  expect(isOpen(window, '2026-11-28T03:59:00.000Z')).toBe(true);
  expect(isOpen(window, '2026-11-28T23:00:00.000Z')).toBe(false);
  expect(isOpen(window, '2026-11-27T03:00:00.000Z')).toBe(false);
});

test('without a window work may always begin', () => {
  expect(isOpen(undefined, '2026-11-24T12:00:00.000Z')).toBe(true);
  expect(nextOpening(undefined, '2026-11-24T12:00:00.000Z')).toBe('2026-11-24T12:00:00.000Z');
});

test('the next opening is by the clock on the wall, before and after the clock is changed', () => {
  const window = nightly({ days: ['mon'], from: '06:00', to: '07:00' });

  // Berlin leaves summer time on Sunday, 2026-10-25.
  expect(nextOpening(window, '2026-10-17T12:00:00.000Z')).toBe('2026-10-19T04:00:00.000Z');
  expect(nextOpening(window, '2026-10-24T12:00:00.000Z')).toBe('2026-10-26T05:00:00.000Z');
});

test('a window whose beginning the clock skips opens as soon as the clock goes on', () => {
  // Berlin goes from 02:00 to 03:00 on Sunday, 2026-03-29, at 01:00Z.
  const window = nightly({ from: '02:30', to: '04:00' });

  expect(nextOpening(window, '2026-03-28T20:00:00.000Z')).toBe('2026-03-29T01:00:00.000Z');
});

test('a window that the clock skips altogether opens a week later', () => {
  const window = nightly({ days: ['sun'], from: '02:10', to: '02:50' });

  expect(nextOpening(window, '2026-03-28T20:00:00.000Z')).toBe('2026-04-05T00:10:00.000Z');
});

describe('for every window, time zone and instant', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Cairo'];
  const time = fc.integer({ min: 0, max: 1439 });
  const window = fc
    .record({
      days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
      from: time,
      minutes: fc.integer({ min: 1, max: 1439 }),
      timeZone: fc.constantFrom(...zones),
    })
    .map(({ from, minutes, ...rest }) => ({ ...rest, from: clock(from), to: clock((from + minutes) % 1440) }));
  const clock = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  // Around the changes of clocks in spring and autumn more often than elsewhere.
  const near = (instant: string) =>
    fc.integer({ min: -4000, max: 4000 }).map((minutes) => Date.parse(instant) + minutes * MINUTE_MS);
  const instant = fc
    .oneof(
      near('2026-03-08T07:00:00Z'),
      near('2026-03-29T01:00:00Z'),
      near('2026-10-25T01:00:00Z'),
      near('2027-04-03T15:00:00Z'),
      fc.integer({ min: Date.parse('2024-01-01T00:00:00Z'), max: Date.parse('2034-01-01T00:00:00Z') }),
    )
    .map((ms) => new Date(ms).toISOString());

  test('the window is open at its next opening', () => {
    fc.assert(
      fc.property(window, instant, (one, at) => {
        const opening = nextOpening(one, at);
        expect([opening >= at, isOpen(one, opening)]).toEqual([true, true]);
      }),
      { numRuns: 2000 },
    );
  });

  test('and at no minute before that', () => {
    fc.assert(
      fc.property(window, instant, (one, at) => {
        const next = nextOpening(one, at);
        if (isOpen(one, at)) return expect(next).toBe(at);
        const first = Math.ceil(Date.parse(at) / MINUTE_MS) * MINUTE_MS;
        const end = Date.parse(next);
        let open = 0;
        for (let ms = first; ms < end; ms += MINUTE_MS) {
          if (isOpen(one, new Date(ms).toISOString())) open += 1;
        }
        expect(open).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});

test.each([
  ['window.days', nightly({ days: [] })],
  ['window.days', nightly({ days: ['monday' as 'mon'] })],
  ['window.from', nightly({ from: '24:00' })],
  ['window.from', nightly({ from: '1:00' })],
  ['window.to', nightly({ to: '25:00' })],
  ['window.to', nightly({ from: '05:00', to: '05:00' })],
  ['window.timeZone', nightly({ timeZone: 'Europe/Atlantis' })],
])('a window that never opens or that nobody can read is refused, naming %s', (field, window) => {
  expect(() => refuseBadWindow(window, 'window')).toThrow(
    expect.objectContaining({ code: 'input.invalid', message: expect.stringMatching(new RegExp(`^${field}: `)) }),
  );
});

test('a whole day is from 00:00 to 24:00', () => {
  const window = nightly({ from: '00:00', to: '24:00' });

  expect(() => refuseBadWindow(window, 'window')).not.toThrow();
  expect(isOpen(window, '2026-11-24T22:59:00.000Z')).toBe(true);
});
