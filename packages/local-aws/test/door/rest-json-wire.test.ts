import { AwsError } from '../../call';
import { restJsonWire } from '../../door/rest-json-wire';
import { SCHEDULER_ROUTES } from '../../door/scheduler-routes';

const wire = restJsonWire(SCHEDULER_ROUTES);
const incoming = (method: string, path: string, more: { rawQuery?: string; body?: string } = {}) => ({
  method,
  path,
  rawQuery: more.rawQuery ?? '',
  headers: {},
  body: Buffer.from(more.body ?? ''),
});

test.each([
  ['POST', '/schedules/due', {}, 'CreateSchedule', { Name: 'due' }],
  ['GET', '/schedules/due', { rawQuery: 'groupName=g' }, 'GetSchedule', { Name: 'due', GroupName: 'g' }],
  [
    'GET',
    '/schedules',
    { rawQuery: 'ScheduleGroup=g&NamePrefix=d' },
    'ListSchedules',
    { GroupName: 'g', NamePrefix: 'd' },
  ],
  ['DELETE', '/schedule-groups/a%20b', {}, 'DeleteScheduleGroup', { Name: 'a b' }],
] as const)('%s %s %j is %s', (method, path, more, operation, input) => {
  expect(wire.read(incoming(method, path, more))).toEqual({ operation, input });
});

test('the body is merged with the path, which wins', () => {
  const body = JSON.stringify({ Name: 'other', ScheduleExpression: 'rate(1 hour)' });

  expect(wire.read(incoming('PUT', '/schedules/due', { body })).input).toEqual({
    Name: 'due',
    ScheduleExpression: 'rate(1 hour)',
  });
});

test('a path that does not decode is refused, and is no bug', () => {
  expect(() => wire.read(incoming('GET', '/schedules/%zz'))).toThrow(AwsError);
});

test('an unknown path is refused by name', () => {
  expect(() => wire.read(incoming('GET', '/nothing'))).toThrow('GET /nothing is no operation of this service.');
});

test('an error carries its code in a header', () => {
  const error = new AwsError('ConflictException', 'exists', { status: 409 });

  expect(wire.refuse(error, 'r')).toMatchObject({ status: 409, headers: { 'x-amzn-errortype': 'ConflictException' } });
});
