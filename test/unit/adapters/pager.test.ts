import { CreateTopicCommand, DeleteTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import type { LocalAws } from 'local-aws/aws';
import { ACCOUNT, clientSettings, localAws } from 'local-aws/test/support/local-aws';
import { snsPager } from '../../../shared/adapters/sns-pager';
import { type Page, pagerContract } from '../../contract/pager';
import { localQueue } from '../../support/local-queue';
import { memoryPager } from '../../support/memory-pager';

describe('in memory', () => {
  pagerContract(async () => {
    const pager = memoryPager();
    return { pager, received: async () => pager.pages, breakDown: async () => pager.fail(1) };
  });
});

describe('on local SNS, whose topic a queue is subscribed to', () => {
  let aws: LocalAws;
  let sns: SNSClient;
  let topics = 0;
  beforeAll(async () => {
    ({ aws } = await localAws());
    sns = new SNSClient(clientSettings(aws, ACCOUNT));
  });
  afterAll(() => aws.stop());

  pagerContract(async () => {
    topics += 1;
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: `oncall-${topics}` }));
    const queue = await localQueue(clientSettings(aws, ACCOUNT));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn }));
    return {
      pager: snsPager(sns, TopicArn),
      received: async (count) => (await queue.received(count)).map(({ Body = '' }) => pageIn(Body)),
      breakDown: async () => void (await sns.send(new DeleteTopicCommand({ TopicArn }))),
    };
  });
});

function pageIn(notification: string): Page {
  const { Subject: subject, Message: body, MessageAttributes: attributes } = JSON.parse(notification);
  return { incidentId: attributes.incidentId.Value, subject, body };
}
