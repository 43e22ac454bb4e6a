import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountFile } from '../../../../cli/start/account-file';
import { becomeAdministrator } from '../../../../cli/start/administrator';
import { ACME_ACCOUNT, PROVIDER_ACCOUNT } from '../../../../cli/start/customers';

const place = mkdtempSync(join(tmpdir(), 'account-file-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** What somebody may have exported for other AWSs: the SDK takes each of them before AWS_ENDPOINT_URL and the access key. */
const OF_ANOTHER_AWS = {
  AWS_PROFILE: 'other',
  AWS_SESSION_TOKEN: 'of another AWS',
  AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000',
  AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9000',
};

function localAwsIn(name: string) {
  const folder = join(place, name);
  mkdirSync(folder, { recursive: true });
  const credentials = (accountId: string) => ({ accessKeyId: `AKIA${accountId}`, secretAccessKey: 'a/secret+of=it' });
  return { folder, url: 'http://127.0.0.1:4566', region: 'eu-central-1', credentials };
}

test.each(['state', 'a folder', "somebody's"])(
  'one line makes another terminal an account’s administrator: in %s',
  (name) => {
    const { line } = accountFile(localAwsIn(name), PROVIDER_ACCOUNT, 'administrator');

    const env = { PATH: process.env['PATH'], ...OF_ANOTHER_AWS };
    const printed = execFileSync('/bin/sh', ['-c', `${line} && env`], { env, encoding: 'utf8' });

    const variables = Object.fromEntries(printed.split('\n').map((text) => text.split(/=(.*)/s).slice(0, 2)));
    expect(variables).toMatchObject({
      AWS_ACCESS_KEY_ID: `AKIA${PROVIDER_ACCOUNT}`,
      AWS_SECRET_ACCESS_KEY: 'a/secret+of=it',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    });
    for (const name of Object.keys(OF_ANOTHER_AWS)) expect(variables).not.toHaveProperty(name);
  },
);

test('the process that plays the scenario asks local AWS for everything, whatever its environment held before', () => {
  const before = { ...process.env };
  Object.assign(process.env, OF_ANOTHER_AWS);
  try {
    becomeAdministrator(localAwsIn('here'));

    expect(process.env).toMatchObject({
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_ACCESS_KEY_ID: `AKIA${PROVIDER_ACCOUNT}`,
    });
    for (const name of Object.keys(OF_ANOTHER_AWS)) expect(process.env).not.toHaveProperty(name);
  } finally {
    process.env = before;
  }
});

test('the secret is its owner’s alone, is not in the line, and goes with the run', () => {
  const aws = localAwsIn('kept');
  const file = join(aws.folder, 'acme.env');
  writeFileSync(file, 'of an earlier run, for everybody', { mode: 0o644 });

  const acme = accountFile(aws, ACME_ACCOUNT, 'acme');

  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
  expect(acme.line).not.toContain('secret');
  acme.remove();
  expect(existsSync(file)).toBe(false);
});
