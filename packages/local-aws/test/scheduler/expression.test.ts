import fc from 'fast-check';
import { nextAfter, readRuleSchedule, readSchedule } from '../../scheduler/expression';
import { instantOfLocalTime, localTimeOf } from '../../scheduler/time-zone';

const at = (text: string) => Date.parse(text);
const next = (expression: string, after: string, timeZone = 'UTC') => {
  const found = nextAfter(readSchedule(expression, timeZone), at(after), at(after));
  return found === undefined ? undefined : new Date(found).toISOString();
};

describe('cron', () => {
  it.each([
    ['cron(0 12 * * ? *)', '2026-03-01T12:00:00Z', '2026-03-02T12:00:00.000Z'],
    ['cron(*/15 * * * ? *)', '2026-03-01T12:07:30Z', '2026-03-01T12:15:00.000Z'],
    ['cron(5/20 8-9 ? * MON-FRI *)', '2026-02-27T09:45:00Z', '2026-03-02T08:05:00.000Z'],
    ['cron(0 0 ? * 1,7 *)', '2026-03-02T00:00:00Z', '2026-03-07T00:00:00.000Z'],
    ['cron(0 0 L * ? *)', '2026-02-15T00:00:00Z', '2026-02-28T00:00:00.000Z'],
    ['cron(0 0 LW * ? *)', '2026-02-15T00:00:00Z', '2026-02-27T00:00:00.000Z'],
    ['cron(0 0 1W * ? *)', '2026-07-31T12:00:00Z', '2026-08-03T00:00:00.000Z'],
    ['cron(0 0 15W * ? *)', '2026-02-01T00:00:00Z', '2026-02-16T00:00:00.000Z'],
    ['cron(0 0 ? * 3#2 *)', '2026-03-01T00:00:00Z', '2026-03-10T00:00:00.000Z'],
    ['cron(0 0 ? * 6L *)', '2026-03-01T00:00:00Z', '2026-03-27T00:00:00.000Z'],
    ['cron(0 0 29 FEB ? *)', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['cron(0 0 1 1 ? 2030)', '2026-03-01T00:00:00Z', '2030-01-01T00:00:00.000Z'],
    ['cron(59 23 31 DEC ? *)', '2026-12-31T23:59:00Z', '2027-12-31T23:59:00.000Z'],
  ])('%s after %s is %s', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  it('never comes again when its years are over or its day does not exist', () => {
    expect(next('cron(0 0 1 1 ? 2020)', '2026-03-01T00:00:00Z')).toBeUndefined();
    expect(next('cron(0 0 31 2 ? *)', '2026-03-01T00:00:00Z')).toBeUndefined();
  });

  it('follows the clocks of its time zone, and skips a time that they skip', () => {
    expect(next('cron(30 9 * * ? *)', '2026-03-28T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-29T07:30:00.000Z');
    expect(next('cron(30 9 * * ? *)', '2026-03-27T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-28T08:30:00.000Z');
    expect(next('cron(30 2 * * ? *)', '2026-03-28T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-30T00:30:00.000Z');
    expect(next('cron(0 1 * * ? *)', '2026-03-01T20:00:00Z', 'Pacific/Auckland')).toBe('2026-03-02T12:00:00.000Z');
  });

  it.each([
    'cron(0 12 * * * *)',
    'cron(0 12 ? * ? *)',
    'cron(60 12 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 12 32 * ? *)',
    'cron(0 12 * 13 ? *)',
    'cron(0 12 ? * 8 *)',
    'cron(5-1 12 * * ? *)',
    'cron(0 12 * * ?)',
    'cron(a 12 * * ? *)',
    'cron(*/0 12 * * ? *)',
  ])('refuses %s', (expression) => {
    expect(() => readSchedule(expression, 'UTC')).toThrow(`Invalid Schedule Expression ${expression}.`);
  });

  it('always answers with a later instant whose minute and hour fit', () => {
    const fields = fc.record({ minute: fc.nat(59), hour: fc.nat(23), after: fc.integer({ min: 0, max: 4e12 }) });

    fc.assert(
      fc.property(fields, ({ minute, hour, after }) => {
        const found = nextAfter(readSchedule(`cron(${minute} ${hour} * * ? *)`, 'UTC'), after, after) ?? 0;

        expect(found).toBeGreaterThan(after);
        expect(found - after).toBeLessThanOrEqual(86_400_000);
        expect(new Date(found).toISOString()).toContain(
          `T${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00.000Z`,
        );
      }),
    );
  });
});

describe('rate', () => {
  it('counts from its beginning, and passes over what was missed', () => {
    const schedule = readSchedule('rate(5 minutes)', 'UTC');
    const from = at('2026-03-01T12:00:00Z');

    expect(nextAfter(schedule, from, from)).toBe(from + 300_000);
    expect(nextAfter(schedule, from + 299_999, from)).toBe(from + 300_000);
    expect(nextAfter(schedule, from + 300_000, from)).toBe(from + 600_000);
    expect(nextAfter(schedule, from + 86_400_001, from)).toBe(from + 86_700_000);
  });

  it.each([
    'rate(10 seconds)',
    'rate(1 minutes)',
    'rate(10 minute)',
    'rate(0 minutes)',
    'rate(-1 minutes)',
    'rate( 1 minute)',
  ])('of a rule is not %s', (expression) => {
    expect(() => readRuleSchedule(expression)).toThrow('Parameter ScheduleExpression is not valid.');
  });

  it('of a rule may be in the singular', () => {
    expect(readRuleSchedule('rate(1 hour)')).toEqual({ kind: 'rate', periodMs: 3_600_000 });
  });
});

describe('at', () => {
  it('is an instant of its time zone', () => {
    expect(next('at(2026-07-01T09:30:15)', '2026-03-01T00:00:00Z', 'America/New_York')).toBe(
      '2026-07-01T13:30:15.000Z',
    );
    expect(next('at(2026-07-01T09:30:15)', '2026-08-01T00:00:00Z')).toBeUndefined();
  });

  it('is refused for a day that no calendar has, and in a rule', () => {
    expect(() => readSchedule('at(2026-02-30T00:00:00)', 'UTC')).toThrow('Invalid Schedule Expression');
    expect(() => readRuleSchedule('at(2026-07-01T09:30:15)')).toThrow('Parameter ScheduleExpression is not valid.');
  });
});

describe('time zones', () => {
  it('read and write the same wall-clock time', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Chatham');

    fc.assert(
      fc.property(zones, fc.integer({ min: 0, max: 4e12 }), (zone, ms) => {
        const time = localTimeOf(ms, zone);
        const back = instantOfLocalTime(time, zone) ?? Number.NaN;

        expect(localTimeOf(back, zone)).toEqual(time);
        expect(Math.abs(back - ms)).toBeLessThan(3_600_000 + 60_000);
      }),
    );
  });
});
