import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Json } from 'local-aws/call';
import { ACCOUNT, type LocalEvents, localEvents, queueArn } from 'local-aws/test/support/local-events';
import { differences } from 'local-aws/test/support/recording';

const FILE = resolve(__dirname, '../../../shared/data/aws-recorded/localstack/scheduler.test_scheduler.snapshot.json');

const from = { service: 'scheduler' } as const;

const scheduleWith = (ScheduleExpression: string) => ({
  Name: 'schedule',
  ScheduleExpression,
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: { Arn: queueArn('queue'), RoleArn: `arn:aws:iam::${ACCOUNT}:role/schedule` },
});

async function answersOf(local: LocalEvents, test: string): Promise<Json> {
  const [, name = '', expression = ''] = /::(\w+)(?:\[(.*)\])?$/.exec(test) ?? [];
  switch (name) {
    case 'test_create_schedule_with_valid_cron_expressions':
      return { 'create-schedule': await local.call('CreateSchedule', scheduleWith(expression), from) };
    case 'tests_create_schedule_with_invalid_schedule_expression': {
      const { code, message, status } = await local.refusal('CreateSchedule', scheduleWith(expression), from);
      // The second Message is of the HTTP body, which the door writes.
      const answer = { Error: { Code: code, Message: message }, Message: message };
      return {
        'invalid-schedule-expression': { ...answer, ResponseMetadata: { HTTPHeaders: {}, HTTPStatusCode: status } },
      };
    }
    case 'test_tag_resource': {
      const { ScheduleGroupArn } = await local.call('CreateScheduleGroup', { Name: 'group' }, from);
      const ResourceArn = ScheduleGroupArn ?? null;
      await local.call('TagResource', { ResourceArn, Tags: [{ Key: 'TagKey', Value: 'TagValue' }] }, from);
      return { 'list-tagged-schedule': await local.call('ListTagsForResource', { ResourceArn }, from) };
    }
    default:
      throw new Error('This recording has no conversation; write one, or say why not.');
  }
}

const recordings = Object.entries(
  JSON.parse(readFileSync(FILE, 'utf8')) as Readonly<Record<string, { readonly 'recorded-content': Json }>>,
).map(([test, recorded]) => ({ test, content: recorded['recorded-content'] }));
const passed: string[] = [];

afterAll(() => {
  console.log(`recorded scheduler: ${recordings.length} cases ran, ${passed.length} passed, 0 out of scope`);
});

it('reads every recording', () => expect(recordings).toHaveLength(13));

it.each(recordings)('answers as recorded: $test', async ({ test, content }) => {
  const answers = await answersOf(localEvents(), test);

  expect(differences(content, answers)).toEqual([]);
  passed.push(test);
});
