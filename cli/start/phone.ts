/** On-call's phone: a queue that subscribes to the on-call topic. */
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Scene } from './scene';

const PHONE = 'example-oncall-phone';

export interface Page {
  readonly incidentId: string;
  readonly about: 'opened' | 'closed';
  /** When the topic sent it, on local AWS's clock. */
  readonly sentAt: number;
  /** The subject and the body. */
  readonly text: string;
}

/** Safe to repeat. */
export async function connectPhone({ sqs, outputs }: Pick<Scene, 'sqs' | 'outputs'>): Promise<void> {
  const QueueUrl = await phoneUrl(sqs);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: Attributes?.['QueueArn'],
        Condition: { ArnEquals: { 'aws:SourceArn': outputs['OncallTopicArn'] } },
      },
    ],
  });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await new SNSClient().send(
    new SubscribeCommand({ TopicArn: outputs['OncallTopicArn'], Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }),
  );
}

/** A page that came, now or before; undefined until it has. Kept in the notes, for a second run. */
export async function pageAbout(
  incidentId: string,
  about: Page['about'],
  { sqs, notes }: Pick<Scene, 'sqs' | 'notes'>,
): Promise<Page | undefined> {
  await newPages(sqs, (page) => {
    const name = noteOf(page);
    notes.once(name, () => page.text);
    notes.once(`${name} sent at`, () => page.sentAt);
  });
  const name = noteOf({ incidentId, about });
  const text = notes.get<string>(name);
  const sentAt = notes.get<number>(`${name} sent at`);
  return text === undefined || sentAt === undefined ? undefined : { incidentId, about, sentAt, text };
}

/** Hands over what came since it was last asked. A page leaves the queue once it was taken. */
export async function newPages(sqs: SQSClient, take: (page: Page) => void): Promise<void> {
  const QueueUrl = await phoneUrl(sqs);
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['SentTimestamp'] }),
  );
  for (const { Body = '{}', Attributes, ReceiptHandle } of Messages) {
    take(pageIn(Body, Number(Attributes?.['SentTimestamp'])));
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
}

async function phoneUrl(sqs: SQSClient): Promise<string | undefined> {
  return (await sqs.send(new CreateQueueCommand({ QueueName: PHONE }))).QueueUrl;
}

function pageIn(body: string, sentAt: number): Page {
  const { Subject, Message, MessageAttributes } = JSON.parse(body);
  const about = String(Subject).startsWith('Over:') ? 'closed' : 'opened';
  return { incidentId: MessageAttributes.incidentId.Value, about, sentAt, text: `${Subject}\n\n${Message}` };
}

const noteOf = ({ incidentId, about }: Pick<Page, 'incidentId' | 'about'>) => `page ${incidentId} ${about}`;
