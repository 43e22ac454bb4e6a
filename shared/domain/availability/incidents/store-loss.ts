/**
 * What becomes of a data store without its KMS key, and when, by its kind: one table of stages.
 *
 * Sources: S3 user guide, "Using S3 Bucket Keys"; RDS user guide, "Encrypting Amazon RDS resources"; Aurora user guide, "Encrypting
 * Amazon Aurora resources" and "Aurora Global Database"; DynamoDB developer guide, "Encryption at rest: usage notes"; EBS user
 * guide, "Unusable KMS keys"; EFS user guide, "Encrypting data at rest"; Secrets Manager user guide, "Secret encryption and
 * decryption"; SQS developer guide, "Key management"; Lambda developer guide, "Encryption at rest"; Redshift management guide,
 * "Encryption"; OpenSearch Service developer guide, "Encryption of data at rest". Times are AWS's own words, not promises, and count
 * from when the service itself notices; a time that AWS does not publish is said to be unpublished, never guessed.
 */
import type { DataStoreKind } from '../../customers/customer';
import { DAY_MS, later, MINUTE_MS } from '../../instants';
import { DATA_KEY_WINDOW_MS_DEFAULT, DATA_KEY_WINDOW_MS_MAX } from '../../keys/data-key';

/** How long applications hold data keys: unless their customer chose otherwise, and at the most. */
export const WINDOW_MINUTES = {
  usual: DATA_KEY_WINDOW_MS_DEFAULT / MINUTE_MS,
  max: DATA_KEY_WINDOW_MS_MAX / MINUTE_MS,
} as const;

/**
 * Milliseconds after the key is lost; `unpublished`: AWS says that it comes, and not when, so it may be at any moment;
 * `next-use`: not by itself, only when something is attached, started or restored.
 */
type Onset = number | 'unpublished' | 'next-use';

interface StoreLoss {
  /** What happens and when, in sentences for a person. */
  readonly without: string;
  /** When reads and writes fail. */
  readonly stops: Onset;
  /** What no longer works before that. */
  readonly degraded?: string;
  /** When nothing but a backup is left of it, whether its key comes back or not. Absent: it waits for its key. */
  readonly lost?: Exclude<Onset, 'next-use'>;
  /** What has to be done once the key is back, where the key alone is not enough. */
  readonly back?: string;
}

const HOUR_MS = 60 * MINUTE_MS;

/** One entry a kind of data store. */
export const LOSS: Readonly<Record<DataStoreKind, StoreLoss>> = {
  application: {
    without: `Reads and writes fail within seconds of the verdict; where the customer chose so, when their window ends: ${WINDOW_MINUTES.max} minutes at the most.`,
    stops: 0,
    degraded: 'An application that is started now opens nothing.',
  },
  s3: {
    without:
      'Objects can be neither read nor written, at once. With S3 Bucket Keys S3 goes on for a while that AWS does not publish.',
    stops: 0,
  },
  rds: {
    without:
      'About two hours after RDS notices, it stops an instance that has backups; seven days later the instance is lost and only its backups are left.',
    stops: 2 * HOUR_MS,
    degraded:
      'Snapshots, restores and changes of the instance fail. A replica, or an instance with replicas, has no stage in which it can be recovered.',
    lost: 2 * HOUR_MS + 7 * DAY_MS,
    back: 'Start the instance: aws rds start-db-instance. The key alone does not.',
  },
  aurora: {
    without:
      'Aurora stops the cluster after a time that AWS does not publish; seven days later the cluster is lost and only its backups are left. A global database is lost at once.',
    stops: 'unpublished',
    lost: 7 * DAY_MS,
    back: 'Start the cluster: aws rds start-db-cluster. The key alone does not.',
  },
  dynamodb: {
    without:
      'Reads and writes fail after about five minutes. After seven days DynamoDB archives the table and keeps a backup, which needs the key to be restored.',
    stops: 5 * MINUTE_MS,
    lost: 7 * DAY_MS,
    back: 'Nothing before the table is archived; after that restore its backup. A replica of a global table is detached for good after 20 hours.',
  },
  ebs: {
    without: 'Attached volumes go on. The next attachment, start or restore fails, which may be in weeks.',
    stops: 'next-use',
    degraded: 'Volumes cannot be attached, nor made of snapshots.',
    back: 'Attach the volume again where it was refused.',
  },
  efs: {
    without: 'Mounted file systems stop after a time that AWS does not publish.',
    stops: 'unpublished',
  },
  'secrets-manager': {
    without: 'Secrets cannot be read, at once. Whoever keeps a secret in memory goes on until they ask for it again.',
    stops: 0,
  },
  sqs: {
    without:
      'Sending and receiving fail after five minutes unless the queue reuses its data key for another time, a day at the most. Messages stay until their retention ends, and are lost then.',
    stops: 5 * MINUTE_MS,
  },
  lambda: {
    without:
      'Functions that are warm go on for a time that AWS does not publish. Every other start fails, and every change of the function.',
    stops: 'unpublished',
    degraded: 'Functions that are not warm cannot start, and none can be changed.',
  },
  redshift: {
    without:
      'The warehouse answers no queries, after a time that AWS does not publish. After 14 days it is deleted; a backup that was made before needs the key.',
    stops: 'unpublished',
    lost: 14 * DAY_MS,
  },
  opensearch: {
    without:
      'The domain is out of reach after a time that AWS does not publish. A key that is deleted, or whose grants are revoked, cannot be brought back for it.',
    stops: 'unpublished',
    lost: 'unpublished',
    back: 'Where the domain does not come back with its key, restore a manual snapshot into another domain.',
  },
  other: { without: 'Not known to Keywright: ask whoever runs it.', stops: 'unpublished' },
};

/** How many data stores of a kind there are, and how many of them a customer of the provider would miss. */
export interface KindCount {
  readonly kind: DataStoreKind;
  readonly dataStores: number;
  readonly customerFacing: number;
  /** How long applications go on with data keys that they keep, as their customer chose; absent: not at all. */
  readonly keptMs?: number;
}

/** The loss of a key: since when, and when KMS deletes it, if it does. */
export interface KeyLoss {
  readonly lostAt: string;
  readonly deletionAt?: string;
}

/** What becomes of one data store, as instants. */
export interface StoreStages {
  /** `known`: `stopsAt` says when. `unpublished`: at any moment. `next-use`: not by itself. */
  readonly stops: 'known' | Exclude<Onset, number>;
  readonly stopsAt?: string;
  /** From when nothing but a backup is left of it. */
  readonly lostAt?: string;
  /** AWS says that it is lost in the end, and not when. */
  readonly lossIsUnpublished?: true;
  /** The last moment at which the key alone brings it back, as far as is known. */
  readonly recoverableUntil?: string;
}

/** The stages of a kind of data store, from when its key was lost. @param keptMs See `KindCount`. */
export function stagesOf(kind: DataStoreKind, { lostAt: since, deletionAt }: KeyLoss, keptMs = 0): StoreStages {
  const { lost } = LOSS[kind];
  const stops = kind === 'application' ? keptMs : LOSS[kind].stops;
  const lostAt = typeof lost === 'number' ? later(since, lost) : undefined;
  const ends = [lostAt, deletionAt].filter((instant) => instant !== undefined).sort();
  return {
    ...(typeof stops === 'number' ? { stops: 'known', stopsAt: later(since, stops) } : { stops }),
    ...(lostAt !== undefined && { lostAt }),
    ...(lost === 'unpublished' && { lossIsUnpublished: true }),
    ...(ends[0] !== undefined && { recoverableUntil: ends[0] }),
  };
}
