/** Whether a KMS key lies where its option has it, as its ARN tells: KMS is not asked. */
import { kmsKeyArn as kmsKeyArnShape } from '../../../events/fields';
import { invalid } from '../errors';
import type { KmsKey } from '../keys/kms-key';
import type { Customer } from './customer';
import { isHeldByCustomer } from './encryption-options';

const PLACE = { partition: 1, region: 3, account: 4 };
const placeOf = (arn: string, part: keyof typeof PLACE): string => arn.split(':')[PLACE[part]] ?? '';

/**
 * Refuses a key that cannot be the customer's.
 *
 * @param ownKeyArn A KMS key of ours: its account, region and partition are where this deployment is.
 * @throws KeywrightError `input.invalid` naming the field, what is wrong with it and the way out.
 */
export function refuseMisplacedKey(
  { kmsKeyArn, option, access, observer }: Pick<KmsKey, 'kmsKeyArn' | 'option' | 'access' | 'observer'>,
  { accountId }: Pick<Customer, 'accountId'>,
  ownKeyArn: string,
): void {
  if (!kmsKeyArnShape.safeParse(kmsKeyArn).success)
    throw invalid('key', 'must be the full ARN of a KMS key. An alias or an id alone may point elsewhere tomorrow.');
  for (const part of ['partition', 'region'] as const)
    if (placeOf(kmsKeyArn, part) !== placeOf(ownKeyArn, part))
      throw invalid('key', `is in another ${part}. Use a key of ${placeOf(ownKeyArn, part)}.`);
  const ours = placeOf(ownKeyArn, 'account');
  const account = placeOf(kmsKeyArn, 'account');
  if (!isHeldByCustomer(option)) {
    if (account !== ours) throw invalid('key', `is of account ${account}. A ${option} key is of our account, ${ours}.`);
    if (accountId !== undefined)
      throw invalid('accountId', `is for keys that the customer holds, and ${option} keys are ours. Leave it out.`);
    return;
  }
  if (accountId === undefined)
    throw invalid('accountId', 'is missing. Give the AWS account in which the customer holds the key.');
  if (accountId === ours) throw invalid('accountId', 'is our own. Give the AWS account of the customer.');
  if (account !== accountId) throw invalid('key', `is of account ${account}, and the customer’s is ${accountId}.`);
  for (const [field, role] of [
    ['accessRole', access.via === 'role' ? access.roleArn : undefined],
    ['observerRole', observer?.roleArn],
  ])
    if (role !== undefined && role.split(':')[4] !== accountId)
      throw invalid(`${field}`, `is not of account ${accountId}. Use the role that the customer opened to us there.`);
}
