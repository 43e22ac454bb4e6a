import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsError, type JsonObject } from '../../call';
import { openStore } from '../../store';
import { ACCOUNT, functionArn, type LocalEvents, localEvents, queueArn } from '../support/local-events';

const QUEUE = queueArn('queue');
const DEAD_LETTERS = queueArn('dead-letters');
const ROLE = `arn:aws:iam::${ACCOUNT}:role/schedule`;
const ARN = `arn:aws:scheduler:eu-central-1:${ACCOUNT}:schedule/default/schedule`;
const MINUTE = 60_000;
const scheduling = { service: 'scheduler' } as const;

const scheduleWith = (ScheduleExpression: string, more: JsonObject = {}): JsonObject => ({
  Name: 'schedule',
  ScheduleExpression,
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: { Arn: QUEUE, RoleArn: ROLE, Input: '{"detail":{}}' },
  ...more,
});
const create = (local: LocalEvents, expression: string, more: JsonObject = {}) =>
  local.call('CreateSchedule', scheduleWith(expression, more), scheduling);

function ready(): LocalEvents {
  const local = localEvents();
  local.targets.open(QUEUE, DEAD_LETTERS);
  return local;
}

describe('a schedule', () => {
  it('at a rate begins at once and goes on at its rate, under its role', async () => {
    const local = ready();
    await create(local, 'rate(5 minutes)');

    await local.settle();
    await local.advance(4 * MINUTE);
    expect(local.targets.bodies(QUEUE)).toEqual([{ detail: {} }]);
    expect(local.targets.messages(QUEUE)[0]?.as).toEqual({
      service: 'scheduler.amazonaws.com',
      sourceArn: ARN,
      roleArn: ROLE,
    });

    await local.advance(MINUTE);
    expect(local.targets.bodies(QUEUE)).toHaveLength(2);
  });

  it('invokes once, however many times it was due while the clock jumped', async () => {
    const local = ready();
    await create(local, 'rate(1 minute)');
    await local.settle();

    await local.advance(30 * 86_400_000);
    await local.settle();

    expect(local.targets.bodies(QUEUE)).toHaveLength(2);
  });

  it('keeps to its start and its end', async () => {
    const local = ready();
    const seconds = (ms: number) => (local.clock.now() + ms) / 1000;
    await create(local, 'rate(1 minute)', { StartDate: seconds(10 * MINUTE), EndDate: seconds(12 * MINUTE) });

    await local.advance(9 * MINUTE);
    expect(local.targets.bodies(QUEUE)).toEqual([]);

    for (let minutes = 0; minutes < 10; minutes += 1) await local.advance(MINUTE);
    expect(local.targets.bodies(QUEUE)).toHaveLength(3);
  });

  it('for one instant invokes once, and is gone afterwards if it was to be deleted', async () => {
    const local = ready();
    const at = { ScheduleExpressionTimezone: 'Europe/Berlin', ActionAfterCompletion: 'DELETE' };
    await create(local, 'at(2026-03-01T13:10:00)', at);

    await local.advance(10 * MINUTE - 1);
    expect(local.targets.bodies(QUEUE)).toEqual([]);
    await local.advance(1);
    await local.advance(86_400_000);

    expect(local.targets.bodies(QUEUE)).toHaveLength(1);
    expect((await local.refusal('GetSchedule', { Name: 'schedule' }, scheduling)).code).toBe(
      'ResourceNotFoundException',
    );
  });

  it('with a flexible window invokes within it', async () => {
    const local = ready();
    const window = { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 10 } };
    await create(local, 'cron(0 13 * * ? *)', window);

    await local.advance(60 * MINUTE);
    expect(local.targets.bodies(QUEUE)).toEqual([]);
    await local.advance(10 * MINUTE);
    expect(local.targets.bodies(QUEUE)).toHaveLength(1);
  });

  it('is silent while disabled, and after it was deleted', async () => {
    const local = ready();
    await create(local, 'rate(1 minute)', { State: 'DISABLED' });
    await local.advance(5 * MINUTE);

    await local.call('UpdateSchedule', scheduleWith('cron(0 13 * * ? *)'), scheduling);
    await local.call('DeleteSchedule', { Name: 'schedule' }, scheduling);
    await local.advance(86_400_000);

    expect(local.targets.bodies(QUEUE)).toEqual([]);
  });

  it('that was changed falls due by its new expression only', async () => {
    const local = ready();
    await create(local, 'cron(0 13 * * ? *)');
    await local.call('UpdateSchedule', scheduleWith('cron(0 14 * * ? *)'), scheduling);

    await local.advance(90 * MINUTE);
    expect(local.targets.bodies(QUEUE)).toEqual([]);
    await local.advance(30 * MINUTE);
    expect(local.targets.bodies(QUEUE)).toHaveLength(1);
  });

  it('invokes a function, and fills in what its input says of the invocation', async () => {
    const local = ready();
    const fn = functionArn('fn');
    local.targets.open(fn);
    const Input = '{"arn":"<aws.scheduler.schedule-arn>","time":"<aws.scheduler.scheduled-time>"}';

    await create(local, 'rate(1 minute)', { Target: { Arn: fn, RoleArn: ROLE, Input } });
    await local.settle();

    expect(local.targets.invocations(fn)).toEqual([{ arn: ARN, time: '2026-03-01T12:00:00Z' }]);
  });

  it('leaves an invocation that failed for good on its dead-letter queue', async () => {
    const local = ready();
    const Target = { Arn: QUEUE, RoleArn: ROLE, Input: '{}', DeadLetterConfig: { Arn: DEAD_LETTERS } };
    local.targets.refuse(QUEUE, new AwsError('AccessDenied', 'no'));

    await create(local, 'cron(0 13 * * ? *)', { Target });
    await local.advance(60 * MINUTE);

    expect(local.targets.messages(DEAD_LETTERS)[0]?.as.attributes).toMatchObject({
      SCHEDULE_ARN: ARN,
      TARGET_ARN: QUEUE,
      ERROR_CODE: 'NO_PERMISSIONS',
      SCHEDULED_TIME: '2026-03-01T13:00:00Z',
    });
    expect(local.scheduler.pending).toBe(0);
  });

  it('survives a kill, with what it owes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scheduler-'));
    const store = openStore(folder);
    const killed = localEvents({ store });
    killed.targets.refuse(QUEUE, new AwsError('InternalFailure', 'Try again.', { status: 500 }));
    await create(killed, 'rate(1 hour)');
    await killed.settle();
    store.close();

    const reopened = openStore(folder);
    const local = localEvents({ store: reopened });
    local.targets.open(QUEUE);
    await local.advance(MINUTE);
    expect(local.targets.bodies(QUEUE)).toHaveLength(1);
    await local.advance(60 * MINUTE);
    expect(local.targets.bodies(QUEUE)).toHaveLength(2);

    reopened.close();
    rmSync(folder, { recursive: true });
  });
});

describe('operations', () => {
  it('show a schedule as it was given', async () => {
    const local = ready();
    await create(local, 'cron(0 13 * * ? *)', { Description: 'daily' });

    expect(await local.call('GetSchedule', { Name: 'schedule' }, scheduling)).toMatchObject({
      Arn: ARN,
      GroupName: 'default',
      ScheduleExpressionTimezone: 'UTC',
      State: 'ENABLED',
      ActionAfterCompletion: 'NONE',
      Description: 'daily',
      Target: { Arn: QUEUE, RoleArn: ROLE },
    });
    expect(await local.call('ListSchedules', { MaxResults: '10' }, scheduling)).toMatchObject({
      Schedules: [{ Name: 'schedule', Target: { Arn: QUEUE } }],
    });
  });

  it('create a schedule once for a client token, and refuse the name otherwise', async () => {
    const local = ready();
    await create(local, 'rate(1 hour)', { ClientToken: 'token' });

    expect(await create(local, 'rate(1 hour)', { ClientToken: 'token' })).toEqual({ ScheduleArn: ARN });
    const { code, status } = await local.refusal('CreateSchedule', scheduleWith('rate(1 hour)'), scheduling);
    expect([code, status]).toEqual(['ConflictException', 409]);
  });

  it.each<[string, JsonObject, string]>([
    ['an unknown time zone', { ScheduleExpressionTimezone: 'Mars/Base' }, 'Mars/Base is not valid'],
    ['a window without a length', { FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }, 'needs MaximumWindowInMinutes'],
    ['a target it cannot reach', { Target: { Arn: 'arn:aws:states:r:1:x', RoleArn: ROLE } }, 'delivers to SQS queues'],
    ['no role', { Target: { Arn: QUEUE } }, "at 'target.roleArn' failed to satisfy constraint"],
    ['an unknown group', { GroupName: 'missing' }, 'Schedule group missing does not exist.'],
  ])('refuse a schedule with %s', async (_, more, reason) => {
    const { message } = await ready().refusal('CreateSchedule', scheduleWith('rate(1 hour)', more), scheduling);

    expect(message).toContain(reason);
  });

  it('ask for permission on the schedule', async () => {
    const local = ready();
    const role = { arn: ROLE, name: 'schedule', principalId: 'AROASCHEDULE' };
    local.iam.putRole({ ...role, accountId: ACCOUNT, trustPolicy: { Statement: [] }, policies: [] });
    const caller = {
      type: 'AssumedRole',
      accountId: ACCOUNT,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/schedule/s`,
      principalId: 'AROASCHEDULE:s',
      role,
    } as const;

    const { code, message } = await local.refusal('DeleteSchedule', { Name: 'schedule' }, { ...scheduling, caller });

    expect(code).toBe('AccessDeniedException');
    expect(message).toContain(`scheduler:DeleteSchedule on resource: ${ARN}`);
  });
});

it.each(['GetScheduleGroup', 'DeleteScheduleGroup', 'ListScheduleGroups', 'UntagResource'])(
  '%s is refused by name: local Scheduler does not have it',
  async (operation) => {
    const { code, message } = await ready().refusal(operation, { Name: 'default' }, scheduling);

    expect(code).toBe('UnknownOperationException');
    expect(message).toBe(`Local Scheduler has no operation ${operation}.`);
  },
);
