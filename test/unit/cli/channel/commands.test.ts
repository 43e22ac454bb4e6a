/** What the words of `keywright channel` become when they reach the API, and how it ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine } from '../../../support/deployed-product';

let server: Server;
let asked: { path: string; input: object }[] = [];
let answers: Readonly<Record<string, object>> = {};
let folder: string;
const before = { ...process.env };

const CHANNEL = {
  name: 'one',
  kind: 'pagerduty',
  target: 'https://x',
  role: 'first',
  severities: ['critical'],
  timeZone: 'UTC',
};

beforeAll(async () => {
  server = createServer((request, response) => {
    const body: Buffer[] = [];
    request.on('data', (part) => body.push(part));
    request.on('end', () => {
      const path = request.url ?? '';
      asked.push({ path, input: JSON.parse(String(Buffer.concat(body))) });
      response.end(JSON.stringify(answers[path] ?? { channel: CHANNEL }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  folder = mkdtempSync(join(tmpdir(), 'channel-'));
  writeFileSync(join(folder, 'secret.txt'), 'hidden-word\n');
  Object.assign(process.env, {
    KEYWRIGHT_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  });
});
afterAll(async () => {
  process.env = before;
  rmSync(folder, { recursive: true });
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  asked = [];
  answers = {};
});

const channel = (...words: readonly string[]) => commandLine(['channel', ...words]);

test('add sends every option by its field, and the secret from its file', async () => {
  const { out, exitCode } = await channel(
    ...['add', 'one', '--kind', 'slack', '--secret-file', join(folder, 'secret.txt'), '--role', 'escalation'],
    ...[
      '--severity',
      'critical,warning',
      '--hours',
      'mon-wed 08:00-18:00 Europe/Berlin',
      '--after',
      '20',
      '--customer',
      'acme',
    ],
  );

  expect(exitCode).toBe(0);
  expect(asked).toEqual([
    {
      path: '/add-channel',
      input: {
        name: 'one',
        kind: 'slack',
        role: 'escalation',
        secret: 'hidden-word',
        customerId: 'acme',
        afterMinutes: 20,
        timeZone: 'Europe/Berlin',
        severities: ['critical', 'warning'],
        hours: { days: ['mon', 'tue', 'wed'], from: '08:00', to: '18:00' },
      },
    },
  ]);
  expect(out).toContain('keywright channel test one --customer acme');
  expect(out).not.toContain('hidden-word');
});

test('a secret file that is not there is told, and nothing is asked', async () => {
  const { err, exitCode } = await channel('add', 'one', '--kind', 'slack', '--secret-file', join(folder, 'none'));

  expect(exitCode).toBe(2);
  expect(err).toMatch(/^secret: .*ENOENT/);
  expect(asked).toEqual([]);
});

test.each([
  ['is taken', {}, 0, /^taken: channel one took the test page/],
  ['is not taken', { failure: 'it answered 500' }, 1, /^NOT taken: it answered 500/],
] as const)('a test that %s ends so', async (_title, ended, code, says) => {
  const test = { testId: 't', requestedAt: '2026-11-24T12:00:00.000Z', endedAt: '2026-11-24T12:00:01.000Z', ...ended };
  answers = {
    '/test-channel': { testId: 't' },
    '/list-channels': { owner: 'oncall', channels: [{ ...CHANNEL, test }] },
  };

  const { out, exitCode } = await channel('test', 'one');

  expect([exitCode, asked.map(({ path }) => path)]).toEqual([code, ['/test-channel', '/list-channels']]);
  expect(out).toMatch(says);
});

test('a list shows what fails, and the topic of the stack last, within 80 columns', async () => {
  const failing = {
    since: '2026-11-24T12:00:00.000Z',
    reason: 'The channel did not take a page: it did not answer in time.',
  };
  answers = { '/list-channels': { owner: 'oncall', channels: [{ ...CHANNEL, failing }], defaultFailing: failing } };

  const { out } = await channel('list');

  expect(out.match(/failing since 2026-11-24 12:00:00 UTC/g)).toHaveLength(2);
  expect(out.indexOf('default')).toBeGreaterThan(out.indexOf('one: pagerduty, first'));
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('remove names the channel', async () => {
  const { out, exitCode } = await channel('remove', 'one', '--customer', 'acme');

  expect([exitCode, asked]).toEqual([0, [{ path: '/remove-channel', input: { name: 'one', customerId: 'acme' } }]]);
  expect(out).toContain('Channel one is removed');
});
