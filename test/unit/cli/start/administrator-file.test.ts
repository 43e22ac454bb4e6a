import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { administratorFile } from '../../../../cli/start/administrator-file';

const place = mkdtempSync(join(tmpdir(), 'administrator-file-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

function localAwsIn(name: string) {
  const folder = join(place, name);
  mkdirSync(folder, { recursive: true });
  const credentials = () => ({ accessKeyId: 'AKIAONE', secretAccessKey: 'a/secret+of=it' });
  return { folder, url: 'http://127.0.0.1:4566', region: 'eu-central-1', credentials };
}

test.each(['state', 'a folder', "somebody's"])('one line makes another terminal the administrator: in %s', (name) => {
  const { line } = administratorFile(localAwsIn(name));

  const env = { PATH: process.env['PATH'], AWS_PROFILE: 'other', AWS_SESSION_TOKEN: 'of another AWS' };
  const printed = execFileSync('/bin/sh', ['-c', `${line} && env`], { env, encoding: 'utf8' });

  const variables = Object.fromEntries(printed.split('\n').map((text) => text.split(/=(.*)/s).slice(0, 2)));
  expect(variables).toMatchObject({
    AWS_ACCESS_KEY_ID: 'AKIAONE',
    AWS_SECRET_ACCESS_KEY: 'a/secret+of=it',
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
  });
  expect(variables).not.toHaveProperty('AWS_PROFILE');
  expect(variables).not.toHaveProperty('AWS_SESSION_TOKEN');
});

test('the secret is its owner’s alone, is not in the line, and goes with the run', () => {
  const aws = localAwsIn('kept');
  const file = join(aws.folder, 'administrator.env');
  writeFileSync(file, 'of an earlier run, for everybody', { mode: 0o644 });

  const administrator = administratorFile(aws);

  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
  expect(administrator.line).not.toContain('secret');
  administrator.remove();
  expect(existsSync(file)).toBe(false);
});
