/** On-call's phone: a queue that the on-call topic sends to. */
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

export interface Phone {
  /** The subjects of all pages so far that name the key. */
  pagesAbout(kmsKeyArn: string): Promise<readonly string[]>;
  /** What they say, as far as they were looked for. */
  bodiesAbout(kmsKeyArn: string): readonly string[];
}

/** A phone that the topic pages from now on. */
export async function connectedPhone(topicArn: string): Promise<Phone> {
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'phone' }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const queueArn = Attributes?.['QueueArn'];
  const Statement = [
    { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: queueArn },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await new SNSClient().send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queueArn }));

  const pages: { readonly Subject: string; readonly Message: string }[] = [];
  const about = (kmsKeyArn: string) => pages.filter(({ Message }) => Message.includes(kmsKeyArn));
  return {
    bodiesAbout: (kmsKeyArn) => about(kmsKeyArn).map(({ Message }) => Message),
    async pagesAbout(kmsKeyArn) {
      for (;;) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        if (Messages.length === 0) break;
        for (const { Body, ReceiptHandle } of Messages) {
          pages.push(JSON.parse(Body ?? ''));
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }
      }
      return about(kmsKeyArn).map(({ Subject }) => Subject);
    },
  };
}
