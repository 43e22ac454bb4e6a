/** Whose word an event is: an account is believed about what is its own, and about nothing else. */
import type { KmsRecord } from '../../../events/cloudtrail-kms-record';

/**
 * Whether an event tells of something of the account that sent it: the record in it is that account's own copy, and what
 * it names (keys or aliases, by ARN) is in that account.
 *
 * @param account Of the event's envelope: EventBridge sets it, and who sends an event can not.
 */
export function isOfOwnAccount(account: string, record: Pick<KmsRecord, 'recipientAccountId'>, ...arns: string[]) {
  return record.recipientAccountId === account && arns.every((arn) => accountOf(arn) === account);
}

const accountOf = (arn: string): string => arn.split(':')[4] ?? '';
