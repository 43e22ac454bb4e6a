/** Where the second source meets its adapters: apart, since reading records takes their contracts into every bundle that names it. */
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { PATIENCE } from '../adapters/client-timeouts';
import { cloudTrailDigestKeys } from '../adapters/cloudtrail-digest-keys';
import { s3TrailFiles } from '../adapters/s3-trail-files';
import type { Config } from './config';

const PATIENT = { requestHandler: PATIENCE };

/** The CloudTrail trail of this account in this region. */
export const trailPorts = (config: Config<'ownAccountId' | 'ownRegion' | 'trailBucketName' | 'trailFolder'>) => {
  const trail = { accountId: config.ownAccountId, region: config.ownRegion };
  const buckets = new S3Client({ ...PATIENT, followRegionRedirects: true });
  return {
    trail,
    files: s3TrailFiles(buckets, { bucket: config.trailBucketName, folder: config.trailFolder, ...trail }),
    keys: cloudTrailDigestKeys(new STSClient({ ...PATIENT, region: config.ownRegion })),
  };
};
