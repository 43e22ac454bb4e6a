/** Pages through an SNS topic: mail, text message, chat or a paging service subscribe to it. */
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Page } from '../../domain/availability/paging/page';
import type { Pager } from '../../domain/availability/ports';
import { nameOf, notSent } from './not-sent';

/**
 * A topic reads the text; who filters or groups reads the attributes. What SNS answers without the id of a message was not taken.
 *
 * @param clientOf The client for a region.
 */
export function snsPager(clientOf: (region: string) => Pick<SNSClient, 'send'>): Pager {
  return {
    async page(page, { target }) {
      const answer = await clientOf(regionOf(target))
        .send(
          new PublishCommand({
            TopicArn: target,
            Subject: page.subject,
            Message: page.body,
            MessageAttributes: attributesOf(page),
          }),
        )
        .catch((error) => {
          throw notSent(page, `SNS answered ${nameOf(error)}`);
        });
      if (!answer.MessageId) throw notSent(page, 'SNS answered without the id of a message');
    },
  };
}

/** `arn:aws:sns:eu-central-1:…` */
export const regionOf = (arn: string): string => arn.split(':')[3] ?? '';

/** SNS takes no empty attribute. */
function attributesOf({ incidentId, messageId, about, severity, runbook, acknowledgeUrl }: Page) {
  const fields = {
    incidentId,
    messageId,
    about,
    severity,
    ...(runbook && { runbook }),
    ...(acknowledgeUrl && { acknowledgeUrl }),
  };
  return Object.fromEntries(
    Object.entries(fields).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
}
