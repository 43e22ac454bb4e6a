/** What ends local AWS while it runs, and what keeps it from starting: told once, with nothing left behind. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand, KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { startLocalAws } from '../aws';
import { fillDiskUnder } from './support/full-disk';
import { ACCOUNT, clientSettings } from './support/local-aws';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aws-faults-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const keysOf = async (kms: KMSClient) => ((await kms.send(new ListKeysCommand({}))).Keys ?? []).length;

test('a disk that is full is told while the call that met it fails; the next process has what was acknowledged', async () => {
  const told: NodeJS.ErrnoException[] = [];
  const aws = await startLocalAws({ folder, onFault: (error) => told.push(error as NodeJS.ErrnoException) });
  const kms = new KMSClient(clientSettings(aws, ACCOUNT));
  await kms.send(new CreateKeyCommand({}));
  fillDiskUnder(join(folder, 'store', 'journal.jsonl'));

  await expect(kms.send(new CreateKeyCommand({}))).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  await aws.stop();

  expect(told[0]).toMatchObject({ code: 'ENOSPC', path: join(folder, 'store', 'journal.jsonl') });
  const next = await startLocalAws({ folder });
  expect(await keysOf(new KMSClient(clientSettings(next, ACCOUNT)))).toBe(1);
  await next.stop();
});

test('a start that fails gives back what it took: the next one on the same folder works', async () => {
  const one = await startLocalAws();
  const port = Number(new URL(one.url).port);
  await expect(startLocalAws({ folder, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await one.stop();

  expect(readdirSync(folder)).not.toContain('in-use-by');
  expect(engines(folder)).toBe(0);
  await (await startLocalAws({ folder })).stop();
});

test('a bug that a request meets is one line of the terminal, and none of its stack', async () => {
  const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const aws = await startLocalAws();
  Object.assign(aws.faults, {
    strikes() {
      throw new TypeError('of a plan\nof faults');
    },
  });

  await expect(new KMSClient(clientSettings(aws, ACCOUNT)).send(new ListKeysCommand({}))).rejects.toThrow();
  await aws.stop();

  expect(new Set(said.mock.calls.flat())).toEqual(
    new Set(['Local AWS has a bug: of a plan (KEYWRIGHT_DEBUG=1 shows where it happened)']),
  );
  said.mockRestore();
});

test('a folder that a start made is its owner’s alone', async () => {
  const made = join(folder, 'made');
  await (await startLocalAws({ folder: made })).stop();

  expect((statSync(made).mode & 0o777).toString(8)).toBe('700');
});

test('a DynamoDB of the user’s that does not answer is told by its address', async () => {
  const before = process.env;
  process.env = { ...before, AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' };
  try {
    await expect(startLocalAws()).rejects.toThrow(
      /^DynamoDB does not answer: .* Is AWS_ENDPOINT_URL_DYNAMODB, http:\/\/127\.0\.0\.1:9, right\?$/,
    );
  } finally {
    process.env = before;
  }
});

/** How many engines still run on tables in the folder. */
function engines(of: string): number {
  return readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(join(of, 'dynamodb.sqlite'));
    } catch {
      // It has ended meanwhile.
      return false;
    }
  }).length;
}
