import { CreateKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import type { LocalAws } from 'local-aws/aws';
import { clientSettings, ACCOUNT as LOCAL_ACCOUNT, localAws } from 'local-aws/test/support/local-aws';
import { cloudTrailDigestKeys } from '../../../shared/adapters/cloudtrail-digest-keys';
import { s3TrailFiles } from '../../../shared/adapters/s3-trail-files';
import { trailContract } from '../../contract/trail';
import { ACCOUNT, aKmsRecord } from '../../support/cloudtrail-records';
import { memoryTrail, TRAIL_BUCKET } from '../../support/memory-trail';

const HOUR_MS = 3_600_000;

describe('memoryTrail', () => {
  trailContract(async () => {
    const trail = memoryTrail('2026-11-24T01:00:00.000Z');
    trail.deliver('2026-11-24T01:10', [aKmsRecord()]);
    trail.digestUntil('2026-11-24T02:00:00.000Z');
    trail.digestUntil('2026-11-24T03:00:00.000Z');
    return { ...trail, accountId: ACCOUNT, bucket: TRAIL_BUCKET };
  });
});

describe('s3TrailFiles and cloudTrailDigestKeys, on local AWS', () => {
  let aws: LocalAws;
  const clients: { destroy(): void }[] = [];
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await aws.stop();
  });

  const bucket = `aws-cloudtrail-logs-${LOCAL_ACCOUNT}`;

  async function opened() {
    ({ aws } = await localAws());
    const settings = clientSettings(aws, LOCAL_ACCOUNT);
    const [kms, s3, sts] = [
      new KMSClient(settings),
      new S3Client({ ...settings, forcePathStyle: true }),
      new STSClient(settings),
    ];
    clients.push(kms, s3, sts);
    const place = { bucket, folder: `AWSLogs/${LOCAL_ACCOUNT}`, accountId: LOCAL_ACCOUNT, region: aws.region };
    const files = s3TrailFiles(s3, place);
    const keys = cloudTrailDigestKeys(sts);

    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    await kms.send(new EncryptCommand({ KeyId: KeyMetadata?.Arn, Plaintext: Buffer.from('x') }));
    for (let digests = 0; digests < 2; ) {
      aws.clock.advance(HOUR_MS / 2);
      await new Promise((resolve) => setTimeout(resolve, 100));
      digests = await files.digestsAfter('', 10).then(
        (found) => found.length,
        () => 0,
      );
    }
    return { files, keys, accountId: LOCAL_ACCOUNT, bucket };
  }

  trailContract(opened);

  test('a bucket that cannot be read is an error that says what to look at', async () => {
    const s3 = new S3Client({ ...clientSettings(aws, LOCAL_ACCOUNT), forcePathStyle: true });
    clients.push(s3);
    const place = { bucket: 'nobodys', folder: 'AWSLogs/1', accountId: LOCAL_ACCOUNT, region: aws.region };

    await expect(s3TrailFiles(s3, place).digestsAfter('', 1)).rejects.toMatchObject({
      code: 'trail.unreadable',
      retry: true,
      message: expect.stringContaining('KEYWRIGHT_TRAIL_BUCKET'),
    });
  });
});
