/** Whose word an event is: an account is believed about what is its own, and about nothing else. */
import type { KmsRecord } from '../../../events/cloudtrail-kms-record';
import { ContractViolation } from '../../../events/define-event';

/**
 * Whether an event tells of something of the account that sent it: the record in it is that account's own copy, and what
 * it names (keys or aliases, by ARN) is in that account.
 *
 * @param account Of the event's envelope: EventBridge sets it, and who sends an event cannot.
 */
export function isOfOwnAccount(account: string, record: Pick<KmsRecord, 'recipientAccountId'>, ...arns: string[]) {
  return record.recipientAccountId === account && arns.every((arn) => accountOf(arn) === account);
}

const accountOf = (arn: string): string => arn.split(':')[4] ?? '';

/**
 * Why an event that does not fit its contract is left out: it is another account's, whose fault it is. Parked, it would let
 * anybody who forwards events page on-call. Undefined for what is ours, and for any other error.
 *
 * @param account Of the event's envelope, unread.
 */
export function faultOfOthers(error: unknown, account: unknown, ownAccountId: string): string | undefined {
  if (!(error instanceof ContractViolation) || typeof account !== 'string' || account === ownAccountId)
    return undefined;
  return `account ${account.slice(0, ACCOUNT_CHARACTERS)} sent what is no record: ${error.message}`;
}

const ACCOUNT_CHARACTERS = 12;
