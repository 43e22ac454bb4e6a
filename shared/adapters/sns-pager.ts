/** pages on-call through an SNS topic: mail, text message, chat or a paging service subscribe to it. */
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Pager } from '../domain/availability/ports';
import { KeywrightError } from '../domain/errors';

/** Pages through an SNS topic. The incident’s id is an attribute of the message, for who filters or groups by it. */
export function snsPager(client: SNSClient, topicArn: string): Pager {
  return {
    async page({ incidentId, subject, body }) {
      const MessageAttributes = { incidentId: { DataType: 'String', StringValue: incidentId } };
      try {
        await client.send(
          new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: body, MessageAttributes }),
        );
      } catch (cause) {
        throw new KeywrightError(
          'page.not-sent',
          'The on-call topic did not take a page.',
          { incidentId, topicArn },
          { cause },
        );
      }
    },
  };
}
