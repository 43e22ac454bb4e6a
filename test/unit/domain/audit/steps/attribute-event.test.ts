import { attributeEvent } from '../../../../../shared/domain/audit/steps/attribute-event';
import { parseEvent } from '../../../../../shared/domain/audit/steps/parse-event';
import { OPERATOR_ID } from '../../../../../shared/domain/customers/customer';
import { keyEventWorld, SHARED_KEY, THEIR_KEY } from '../../../../support/key-event-world';
import {
  aChange,
  anEnvelope,
  aRecord,
  CUSTOMER_ACCOUNT,
  received,
  viaCloudTrail,
} from '../../../../support/key-events';
import { anArn, OUR_ACCOUNT } from '../../../../support/make';

async function attributed(envelope: object) {
  const { ports } = keyEventWorld();
  const event = await parseEvent(received(envelope), ports);
  if ('ignored' in event) throw new Error(event.ignored);
  return attributeEvent(event, ports);
}

const onKey = (arn: string) => viaCloudTrail(aRecord({ resources: [{ accountId: OUR_ACCOUNT, ARN: arn }] }));

test.each([
  ['of one customer', anArn(), ['acme'], [anArn()]],
  ['that customers share', SHARED_KEY, [OPERATOR_ID], [SHARED_KEY]],
  ['that nobody registered', anArn('nobody'), [OPERATOR_ID], []],
])('a call of ours with a key %s', async (_, arn, customerIds, kmsKeyArns) => {
  expect(await attributed(onKey(arn))).toMatchObject({
    attributions: customerIds.map((customerId) => ({ customerId })),
    kmsKeyArns,
  });
});

test('a customer’s account is believed about its own customer and its own keys', async () => {
  expect(await attributed(viaCloudTrail(aChange('DisableKey')))).toMatchObject({
    attributions: [{ customerId: 'globex' }],
    kmsKeyArns: [THEIR_KEY],
  });
  const aboutOurs = aChange('DisableKey', { resources: [{ accountId: OUR_ACCOUNT, ARN: anArn() }] });
  expect(await attributed(viaCloudTrail(aboutOurs))).toMatchObject({
    ignored: `it concerns no customer of account ${CUSTOMER_ACCOUNT}`,
  });
});

test.each([
  ['of our account', OUR_ACCOUNT, anArn(), true],
  ['of the customer who holds the key', CUSTOMER_ACCOUNT, THEIR_KEY, true],
  ['of a customer about a key of ours', CUSTOMER_ACCOUNT, anArn(), false],
  ['about a key that nobody registered', OUR_ACCOUNT, anArn('nobody'), false],
])('a loss %s', async (_, account, arn, isBelieved) => {
  const loss = { ...anEnvelope('aws.kms', 'KMS CMK Deletion', { 'key-id': 'k' }), account, resources: [arn] };

  expect(await attributed(loss)).toMatchObject(
    isBelieved ? { attributions: [], kmsKeyArns: [arn] } : { ignored: expect.any(String) },
  );
});
