/**
 * Schedule expressions of EventBridge rules and of EventBridge Scheduler: `rate(…)`, `cron(…)` and `at(…)`.
 *
 * Source: EventBridge Scheduler User Guide, "Schedule types", and EventBridge User Guide, "Schedule expressions".
 */
import { AwsError } from '../call';
import { type Cron, cronAfter, readCron } from './cron';
import { instantOfLocalTime } from './time-zone';

export type Schedule =
  | { readonly kind: 'rate'; readonly periodMs: number }
  | { readonly kind: 'cron'; readonly cron: Cron; readonly timeZone: string }
  | { readonly kind: 'at'; readonly at: number };

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const AT = /^at\((\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\)$/;

/** Rules: rate and cron in UTC; the unit's number must agree. @throws AwsError in AWS's words. */
export function readRuleSchedule(expression: string): Schedule {
  const refusal = new AwsError('ValidationException', 'Parameter ScheduleExpression is not valid.');
  const [, count = '', unit = '', plural = ''] = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  if (unit !== '' && (count === '1') === (plural === 's')) throw refusal;
  return readRate(expression) ?? readCronExpression(expression, 'UTC') ?? fail(refusal);
}

/** Scheduler: rate, cron and at, the latter two in a time zone. @throws AwsError in AWS's words. */
export function readSchedule(expression: string, timeZone: string): Schedule {
  const refusal = new AwsError('ValidationException', `Invalid Schedule Expression ${expression}.`);
  return (
    readRate(expression) ?? readCronExpression(expression, timeZone) ?? readAt(expression, timeZone) ?? fail(refusal)
  );
}

function fail(refusal: AwsError): never {
  throw refusal;
}

function readRate(expression: string): Schedule | undefined {
  const [, count = '', unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const periodMs = Number(count) * (UNIT_MS[unit] ?? 0);
  return periodMs > 0 ? { kind: 'rate', periodMs } : undefined;
}

function readCronExpression(expression: string, timeZone: string): Schedule | undefined {
  const fields = /^cron\((.*)\)$/.exec(expression)?.[1];
  const cron = fields === undefined ? undefined : readCron(fields);
  return cron && { kind: 'cron', cron, timeZone };
}

function readAt(expression: string, timeZone: string): Schedule | undefined {
  const [year, month, day, hour, minute, second] = (AT.exec(expression) ?? []).slice(1).map(Number);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const at = instantOfLocalTime({ year, month, day, hour: hour ?? 0, minute: minute ?? 0 }, timeZone);
  return at === undefined ? undefined : { kind: 'at', at: at + (second ?? 0) * 1000 };
}

/**
 * When a schedule falls due next after an instant; rates count from `from`.
 *
 * However far the clock has jumped, the answer lies behind `after`: what was missed in between falls due once, not as
 * many times as it was missed.
 *
 * @returns undefined when it never does again.
 */
export function nextAfter(schedule: Schedule, after: number, from: number): number | undefined {
  switch (schedule.kind) {
    case 'at':
      return schedule.at > after ? schedule.at : undefined;
    case 'rate':
      return from + schedule.periodMs * Math.max(1, Math.floor((after - from) / schedule.periodMs) + 1);
    case 'cron':
      return cronAfter(schedule.cron, schedule.timeZone, after);
  }
}
