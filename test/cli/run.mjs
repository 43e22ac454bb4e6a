/**
 * Drives a key's life with the real AWS CLI: starts local AWS in a process of its own and runs key-life.sh against it.
 *
 * `node test/cli/run.mjs`; AWS_CLI names another program than `aws`. Ends with the script's code.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { importTypeScript, root } from '../../infra/import-typescript.mjs';

const PROVIDER_ACCOUNT = '111122223333';

const { startLocalAws } = await importTypeScript('packages/local-aws/aws.ts');
const aws = await startLocalAws();
const { accessKeyId, secretAccessKey } = aws.credentials(PROVIDER_ACCOUNT);
const script = spawn('bash', [join(root, 'test', 'cli', 'key-life.sh')], {
  stdio: 'inherit',
  env: {
    ...process.env,
    AWS_ENDPOINT_URL: aws.url,
    // The CLI would take local AWS's own DynamoDB in place of local AWS.
    AWS_ENDPOINT_URL_DYNAMODB: aws.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  },
});
const [code] = await once(script, 'exit');
await aws.stop();
process.exitCode = code ?? 1;
