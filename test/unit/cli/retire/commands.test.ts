/** What the words of a command line become when they reach the API. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { commandLine } from '../../../support/deployed-product';

const HASH = 'ab'.repeat(32);

const ARN = 'arn:aws:lambda:eu-central-1:111122223333:function:any';

let server: Server;
const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
let asked: string[] = [];
const before = { ...process.env };
beforeAll(async () => {
  server = createServer((request, response) => {
    const body: Buffer[] = [];
    request.on('data', (part) => body.push(part));
    request.on('end', () => {
      // Lambda, which knows where a function answers.
      if (request.method === 'GET') return response.end(JSON.stringify({ FunctionUrl: address(), FunctionArn: ARN }));
      asked.push(`${request.url} ${Buffer.concat(body)}`);
      return response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    KEYWRIGHT_API_URL: address(),
    AWS_ENDPOINT_URL: address(),
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  });
});
afterAll(async () => {
  process.env = before;
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  asked = [];
});

test.each<[string, string, object]>([
  ['retire plan k', 'plan-retirement', { key: 'k' }],
  ['retire start k', 'request-retirement', { key: 'k' }],
  [
    'retire start k --quiet-days 0 --dry-run',
    'request-retirement',
    { key: 'k', terms: { quietDays: 0 }, dryRun: true },
  ],
  ['retire start k --approve-disable', 'request-retirement', { key: 'k', terms: { approveDisable: true } }],
  ['retire start k --no-approve-disable', 'request-retirement', { key: 'k', terms: { approveDisable: false } }],
  [
    'retire start k --disabled-days 60 --deletion-window-days 7 --on-use alert',
    'request-retirement',
    { key: 'k', terms: { disabledDays: 60, waitingDays: 7, onUse: 'alert' } },
  ],
  [
    `retire request k disable --certificate ${HASH} --reason quiet`,
    'request-retirement-step',
    { key: 'k', step: 'disable', certificateHash: HASH, reason: 'quiet' },
  ],
  [
    `retire approve k schedule-deletion --certificate ${HASH} --dry-run`,
    'approve-retirement-step',
    { key: 'k', step: 'schedule-deletion', certificateHash: HASH, dryRun: true },
  ],
  ['retire undo k disable --reason export', 'undo-retirement', { key: 'k', step: 'disable', reason: 'export' }],
  ['retire status', 'list-retirements', {}],
  ['retire status --customer acme', 'list-retirements', { customerId: 'acme' }],
  ['retire certificate k', 'show-certificate', { key: 'k' }],
  [
    'backup declare b --key k --description dump --retain-until later',
    'declare-backup',
    { key: 'k', backupId: 'b', description: 'dump', retainUntil: 'later' },
  ],
  ['backup release b --dry-run', 'release-backup', { backupId: 'b', dryRun: true }],
  ['backup list k', 'list-backups', { key: 'k' }],
])('keywright %s', async (words, operation, input) => {
  const { exitCode } = await commandLine([...words.split(' '), '--json']);

  expect(exitCode).toBe(0);
  expect(asked.map((one) => [one.split(' ')[0], JSON.parse(one.slice(one.indexOf(' ')))])).toEqual([
    [`/${operation}`, input],
  ]);
});

test.each([
  'retire request k disable --reason quiet',
  `retire request k disable --certificate ${HASH}`,
  `retire approve k delete --certificate ${HASH}`,
  'retire undo k disable',
  'retire start k --quiet-days many',
  'backup declare b --key k --description dump',
  'rotate k --import file --strategy replace',
])('keywright %s is refused before anybody is asked, with exit code 2', async (words) => {
  const { exitCode, err } = await commandLine(words.split(' '));

  expect([exitCode, asked]).toEqual([2, []]);
  expect(err).toMatch(/^error: /);
});
