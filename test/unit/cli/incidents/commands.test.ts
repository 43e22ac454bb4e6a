/** What the words of a command line become when they reach the API, and how a command ends. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { commandLine } from '../../../support/deployed-product';

let server: Server;
let asked: string[] = [];
let answer: { status: number; body: object } = { status: 200, body: {} };
const before = { ...process.env };

beforeAll(async () => {
  server = createServer((request, response) => {
    const body: Buffer[] = [];
    request.on('data', (part) => body.push(part));
    request.on('end', () => {
      asked.push(`${request.url} ${Buffer.concat(body)}`);
      response.writeHead(answer.status);
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    KEYWRIGHT_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
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
  answer = { status: 200, body: { healthy: true } };
});

test.each<[string, string, object]>([
  ['status', 'show-status', {}],
  ['incidents', 'list-incidents', {}],
  [
    'incidents --customer acme --all --limit 10 --after closed/i',
    'list-incidents',
    { customerId: 'acme', all: true, limit: 10, after: 'closed/i' },
  ],
  ['incidents --key k', 'list-incidents', { key: 'k' }],
  ['keys acme', 'list-keys', { key: 'acme' }],
  ['incident i', 'show-incident', { incidentId: 'i' }],
  ['explain i', 'explain-incident', { incidentId: 'i' }],
  ['ack i --note mine', 'acknowledge-incident', { incidentId: 'i', note: 'mine' }],
  ['impact k', 'show-impact', { key: 'k' }],
  ['sla acme', 'show-service-level', { customerId: 'acme' }],
  ['sla show acme', 'show-service-level', { customerId: 'acme' }],
  ['sla list', 'list-service-levels', {}],
  [
    'sla set acme --target 99.95 --window month --exclude customer-key cloud-outage --notice 15m --tier gold --probe-every 60s --dry-run',
    'set-service-level',
    {
      customerId: 'acme',
      targetPercent: 99.95,
      window: 'month',
      exclude: ['customer-key', 'cloud-outage'],
      tier: 'gold',
      probeEverySeconds: 60,
      noticeMinutes: 15,
      dryRun: true,
    },
  ],
])('keywright %s', async (words, operation, input) => {
  const { exitCode } = await commandLine([...words.split(' '), '--json']);

  expect(exitCode).toBe(0);
  expect(asked.map((one) => [one.split(' ')[0], JSON.parse(one.slice(one.indexOf(' ')))])).toEqual([
    [`/${operation}`, input],
  ]);
});

test('all keys are asked for page by page, until there are no more', async () => {
  answer = { status: 200, body: { keys: [] } };
  expect((await commandLine(['keys', '--after', 'row#7', '--json'])).exitCode).toBe(0);

  expect(asked).toEqual(['/list-all-keys {"after":"row#7"}']);
});

test('a refusal fits 80 columns, and the command that it ends with is a line of its own', async () => {
  const message = `kmsKeyArn: ${'it is unavailable and '.repeat(6)}lost. What to do: keywright explain ${'a'.repeat(70)}`;
  answer = { status: 409, body: { error: { code: 'state.forbids', message } } };

  const { err } = await commandLine(['rotate', 'acme']);

  expect(err.split('\n').filter((line) => line.length > 80)).toEqual([`  keywright explain ${'a'.repeat(70)}`]);
  expect(err).toContain('What to do:\n');
});

test.each(['incident', 'explain', 'ack i', 'incidents --limit many', 'status k', 'impact'])(
  'keywright %s is refused before anybody is asked, with exit code 2',
  async (words) => {
    const { exitCode, err } = await commandLine(words.split(' '));

    expect([exitCode, asked]).toEqual([2, []]);
    expect(err).toMatch(/^error: /);
  },
);

test('a status that is not healthy ends with 1, and one that nobody could ask for with 2', async () => {
  answer = { status: 200, body: { healthy: false } };
  expect((await commandLine(['status', '--json'])).exitCode).toBe(1);

  answer = { status: 404, body: { error: { code: 'state.not-found', message: 'operation: there is none.' } } };
  expect((await commandLine(['status', '--json'])).exitCode).toBe(2);
});

test('an incident that somebody else has ends with 2 and says who', async () => {
  answer = { status: 409, body: { error: { code: 'state.forbids', message: 'incidentId: bob has it in hand.' } } };

  const { exitCode, err } = await commandLine(['ack', 'i', '--note', 'mine']);

  expect([exitCode, err]).toEqual([2, 'incidentId: bob has it in hand.\n']);
});
