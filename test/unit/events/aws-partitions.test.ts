import { partition } from '@aws-sdk/core/client';
import { partitionOf } from '../../../events/aws-partitions';
import { keyUseOf } from '../../../events/kms-key-use';
import { ACCOUNT, aServiceEvent, KEY } from '../../support/cloudtrail-records';

const KEY_ID = KEY.slice(KEY.indexOf('/') + 1);

/** A Region of each partition, and one that no list has yet. */
const REGIONS = [
  ...['us-east-1', 'mx-central-1', 'eu-central-9', 'cn-north-1', 'cn-northwest-1', 'us-gov-west-1', 'us-iso-east-1'],
  ...['us-iso-west-1', 'us-isob-east-1', 'us-isob-west-1', 'eu-isoe-west-1', 'us-isof-south-1', 'us-isof-east-1'],
  ...['eusc-de-east-1', 'eusc-de-west-7', 'us-iso-east-9', 'xx-new-1'],
];

test.each(REGIONS)('%s is in the partition that the SDK says', (region) => {
  expect(partitionOf(region)).toBe(partition(region).name);
});

test.each(REGIONS)('a bare key id of %s is a key of that partition', (awsRegion) => {
  const use = keyUseOf(aServiceEvent({ awsRegion, resources: null, serviceEventDetails: { keyId: KEY_ID } }));

  expect(use.keys).toMatchObject([
    { kmsKeyArn: `arn:${partition(awsRegion).name}:kms:${awsRegion}:${ACCOUNT}:key/${KEY_ID}` },
  ]);
});

test('an ARN that the record lists says the partition before the Region does', () => {
  const resources = [{ ARN: 'arn:aws-new:kms:xx-new-1:111122223333:alias/orders' }];
  const record = aServiceEvent({ awsRegion: 'xx-new-1', resources, serviceEventDetails: { keyId: KEY_ID } });

  expect(keyUseOf(record).keys).toMatchObject([{ kmsKeyArn: `arn:aws-new:kms:xx-new-1:${ACCOUNT}:key/${KEY_ID}` }]);
});
