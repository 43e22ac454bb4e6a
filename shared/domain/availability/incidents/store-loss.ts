/**
 * What becomes of a data store without its KMS key, and when, by its kind.
 *
 * Sources: S3 user guide, "Using S3 Bucket Keys"; RDS user guide, "Encrypting Amazon RDS resources"; DynamoDB developer guide,
 * "Encryption at rest: usage notes"; EBS user guide, "Unusable KMS keys". Times are AWS's own words, not promises.
 */
import type { DataStore } from '../../customers/customer';
import { MINUTE_MS } from '../../instants';
import { DATA_KEY_WINDOW_MS_DEFAULT, DATA_KEY_WINDOW_MS_MAX } from '../../keys/data-key';

/** How long applications hold data keys: unless their customer chose otherwise, and at the most. */
export const WINDOW_MINUTES = {
  usual: DATA_KEY_WINDOW_MS_DEFAULT / MINUTE_MS,
  max: DATA_KEY_WINDOW_MS_MAX / MINUTE_MS,
} as const;

interface Loss {
  /** What happens and when, in sentences for a person. */
  readonly without: string;
  /** What has to be done once the key is back, where the key alone is not enough. */
  readonly back?: string;
}

/** One entry a kind of data store. */
export const LOSS: Readonly<Record<DataStore['kind'], Loss>> = {
  application: {
    without: `Reads and writes fail within seconds of the verdict; where the customer chose so, when their window ends: ${WINDOW_MINUTES.max} minutes at the most.`,
  },
  s3: {
    without:
      'Objects can be neither read nor written, at once. With S3 Bucket Keys S3 goes on for a while that AWS does not publish.',
  },
  rds: {
    without:
      'About two hours after RDS notices, it stops an instance that has backups; seven days later the instance is lost and only its backups are left.',
    back: 'Start the instance: aws rds start-db-instance. The key alone does not.',
  },
  dynamodb: {
    without:
      'Reads and writes fail after about five minutes. After seven days DynamoDB archives the table and keeps a backup, which needs the key to be restored.',
  },
  ebs: {
    without: 'Attached volumes go on. The next attachment, start or restore fails, which may be in weeks.',
    back: 'Attach the volume again where it was refused.',
  },
  other: { without: 'Not known to Keywright: ask whoever runs it.' },
};
