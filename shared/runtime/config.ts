/** What a function is told by its environment. Read once, at cold start; no secret is ever among it. */
import { KeywrightError } from '../domain/errors';

const VARIABLES = {
  /** The DynamoDB table of customers, keys, rotations, jobs, incidents, audit heads and outbox. */
  controlTableName: 'CONTROL_TABLE_NAME',
  /** The DynamoDB table of wrapped data keys. */
  dataKeyTableName: 'DATA_KEY_TABLE_NAME',
  /** The DynamoDB table of what applications report. */
  reportTableName: 'REPORT_TABLE_NAME',
  /** The S3 bucket of the customers' audit logs. */
  auditBucketName: 'AUDIT_BUCKET_NAME',
  /** The KMS key that signs checkpoints. */
  auditSigningKeyArn: 'AUDIT_SIGNING_KEY_ARN',
  /** A log's checkpoint is signed anew when it is so old. */
  heartbeatMinutes: 'HEARTBEAT_MINUTES',
  /** The role of `append-audit`: its signatures cause no others. */
  auditWriterRoleArn: 'AUDIT_WRITER_ROLE_ARN',
  /** The FIFO queue of entries on their way to `append-audit`. */
  auditQueueUrl: 'AUDIT_QUEUE_URL',
  /** The account this runs in: events of any other were forwarded by a customer. */
  ownAccountId: 'OWN_ACCOUNT_ID',
  /** The region this runs in: EventBridge tells of no other. */
  ownRegion: 'OWN_REGION',
  /** The S3 bucket that the CloudTrail trail of this account writes to. */
  trailBucketName: 'TRAIL_BUCKET_NAME',
  /** The folder of this account in it: `AWSLogs/111122223333`, with whatever prefix the trail has. */
  trailFolder: 'TRAIL_FOLDER',
  /** The names of the roles whose functions look at keys, separated by commas. */
  lookingRoleNames: 'LOOKING_ROLE_NAMES',
  /** The EventBridge bus that carries facts. */
  factBusName: 'FACT_BUS_NAME',
  /** The SNS topic that pages on-call. */
  oncallTopicArn: 'ONCALL_TOPIC_ARN',
  /** The SNS topic that takes the pages of drills. */
  drillTopicArn: 'DRILL_TOPIC_ARN',
  /** The KMS key that drills are made with. */
  drillKeyArn: 'DRILL_KEY_ARN',
  /** The ARNs of the roles that look at keys, separated by commas. */
  lookingRoleArns: 'LOOKING_ROLE_ARNS',
  /** The KMS key that secrets of channels are encrypted by. */
  channelKeyArn: 'CHANNEL_KEY_ARN',
  /** The KMS key that signs links in pages. */
  linkKeyArn: 'LINK_KEY_ARN',
  /** The URL of `acknowledge-page`. */
  acknowledgeUrl: 'ACKNOWLEDGE_URL',
  /** Where the runbooks are that pages name: a URL, or a path in the repository. */
  runbooks: 'RUNBOOKS',
  /** Whether entries may be posted to this machine: `allowed`, for tests alone, or `refused`. */
  loopback: 'LOOPBACK',
  /** Where this function's events go that cannot succeed. */
  deadLetterQueueUrl: 'DEAD_LETTER_QUEUE_URL',
} as const;

export type Setting = keyof typeof VARIABLES;
export type Config<Names extends Setting = Setting> = Readonly<Record<Names, string>>;

/**
 * The named settings.
 *
 * @throws KeywrightError `input.invalid`, naming every variable that is missing.
 */
export function configOf<Names extends Setting>(
  names: readonly Names[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config<Names> {
  const missing = names.map((name) => VARIABLES[name]).filter((variable) => !environment[variable]);
  if (missing.length > 0) {
    throw new KeywrightError(
      'input.invalid',
      `Configuration: ${missing.join(', ')} missing. Set it in serverless.yml.`,
      {
        missing,
      },
    );
  }
  const entries = names.map((name) => [name, environment[VARIABLES[name]]]);
  return Object.freeze(Object.fromEntries(entries)) as Config<Names>;
}

/** The variables that settings are read from; a test compares them with serverless.yml. */
export const VARIABLE_OF: Readonly<Record<Setting, string>> = VARIABLES;
