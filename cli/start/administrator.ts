/** An account's administrator on a local AWS, in the variables that AWS SDKs and CLIs read. */
import type { LocalAws } from 'local-aws/aws';
import { PROVIDER_ACCOUNT } from './customers';

/** What an environment may hold for another AWS, and would be taken before what is said here: `AWS_ENDPOINT_URL_S3` for example. */
const SERVICES = [
  ...['CLOUDFORMATION', 'CLOUDTRAIL', 'DYNAMODB', 'DYNAMODB_STREAMS', 'EVENTBRIDGE', 'IAM', 'KMS', 'LAMBDA'],
  ...['S3', 'SCHEDULER', 'SNS', 'SQS', 'STS'],
];

export const OF_ANOTHER_AWS: readonly string[] = [
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
  ...SERVICES.map((service) => `AWS_ENDPOINT_URL_${service}`),
];

type Aws = Pick<LocalAws, 'url' | 'region' | 'credentials'>;

export function administratorVariables(aws: Aws, accountId: string): Record<string, string> {
  const { accessKeyId, secretAccessKey } = aws.credentials(accountId);
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: aws.region,
    AWS_DEFAULT_REGION: aws.region,
    AWS_ENDPOINT_URL: aws.url,
  };
}

/** From here on the SDK in this process is the provider's, as it would be on the provider's own machines. */
export function becomeAdministrator(aws: Aws): void {
  for (const name of OF_ANOTHER_AWS) delete process.env[name];
  Object.assign(process.env, administratorVariables(aws, PROVIDER_ACCOUNT));
}
