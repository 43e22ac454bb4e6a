import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { startDynamo } from '../../dynamodb/dynoxide';
import { LocalAwsFault } from '../../start-refused';

const folder = mkdtempSync(join(tmpdir(), 'keywright-dynoxide-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A process of its own that starts the engine, tells its address, and then only lives. */
function starterProgram(): string {
  const outfile = join(folder, 'starter.mjs');
  buildSync({
    stdin: {
      contents: `
        import { startDynamo } from ${JSON.stringify(resolve(__dirname, '../../dynamodb/dynoxide.ts'))};
        const { endpoint } = await startDynamo({});
        process.send(endpoint.href);
      `,
      resolveDir: __dirname,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  return outfile;
}

async function isListening({ hostname, port }: URL): Promise<boolean> {
  const socket = connect(Number(port), hostname);
  const isOpen = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'close').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return isOpen;
}

async function untilClosed(endpoint: URL): Promise<void> {
  while (await isListening(endpoint)) await new Promise((again) => setImmediate(again));
}

test('the engine ends with the process that started it, also when that process is killed', async () => {
  const starter = fork(starterProgram(), { cwd: process.cwd() });
  const [href] = (await once(starter, 'message')) as [string];
  expect(await isListening(new URL(href))).toBe(true);

  starter.kill('SIGKILL');

  await untilClosed(new URL(href));
});

test('the engine ends when it is stopped, and stopping it twice is harmless', async () => {
  const running = await startDynamo({});

  await running.stop();
  await running.stop();

  expect(await isListening(running.endpoint)).toBe(false);
});

test('the engine is where nobody can guess, anew each time, and not at the address that everybody tries', async () => {
  const runs = await Promise.all([startDynamo({}), startDynamo({})]);
  const [one, other] = runs.map(({ endpoint }) => endpoint);

  expect(one?.hostname).toMatch(/^127\.\d+\.\d+\.\d+$/);
  expect(one?.hostname).not.toBe(other?.hostname);
  for (const { endpoint } of runs) {
    for (const hostname of ['127.0.0.1', 'localhost', '127.0.0.2'])
      expect(await isListening(Object.assign(new URL(endpoint), { hostname }))).toBe(false);
  }
  await Promise.all(runs.map((run) => run.stop()));
});

test('what the engine keeps is its owner’s alone, also where an earlier release left it to all', async () => {
  const kept = join(folder, 'dynamodb.sqlite');
  const modeOf = () => (statSync(kept).mode & 0o777).toString(8);

  await (await startDynamo({ folder })).stop();
  expect(modeOf()).toBe('600');

  chmodSync(kept, 0o644);
  await (await startDynamo({ folder })).stop();
  expect(modeOf()).toBe('600');
});

test('an engine that ends by itself is told, one that is stopped is not', async () => {
  const told: unknown[] = [];
  const [ends, stopped] = await Promise.all([
    startDynamo({ onFault: (error) => told.push(error) }),
    startDynamo({ onFault: () => told.push('stopped') }),
  ]);

  await stopped.stop();
  process.kill(listenerOn(ends.endpoint), 'SIGKILL');
  await untilClosed(ends.endpoint);
  for (let turn = 0; told.length === 0 && turn < 1000; turn += 1) await new Promise((again) => setImmediate(again));

  expect(told).toEqual([expect.any(LocalAwsFault)]);
  expect(String(told[0])).toMatch(/dynoxide.* ended by itself/);
});

test('Ctrl-C, which reaches a whole group of processes, leaves it to this one to end the engine', async () => {
  const running = await startDynamo({});
  const groupOf = (process: number | 'self') => readFileSync(`/proc/${process}/stat`, 'utf8').split(' ')[4];

  expect(groupOf(listenerOn(running.endpoint))).not.toBe(groupOf('self'));
  await running.stop();
});

/** The process whose command line names the address. */
function listenerOn({ hostname }: URL): number {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = ids.find((id) => {
    try {
      const words = readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
      return words[0]?.endsWith('/dynoxide') && words.includes(hostname);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
  if (found === undefined) throw new Error(`Nobody listens on ${hostname}.`);
  return Number(found);
}

test.each([
  ['a folder that cannot be', () => '/proc/nowhere', /unable to open database file/],
  ['a file that is no database', () => withFile((path) => writeFileSync(path, 'x'.repeat(9000))), /not a valid SQLite/],
  ['a folder where the file should be', () => withFile((path) => mkdirSync(path)), /unable to open database file/],
  ['a disk that is full', () => withFile((path) => symlinkSync('/dev/full', path)), /disk is full/],
])(
  'an engine that cannot start, for %s, is told in one line with its own words and a way out',
  async (_, make, words) => {
    const error = await startDynamo({ folder: make() }).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(LocalAwsFault);
    expect((error as Error).message).toMatch(words);
    expect((error as Error).message).toMatch(/^dynoxide, the DynamoDB of local AWS, did not start: .* begin anew\.$/);
  },
);

function withFile(make: (path: string) => void): string {
  const place = mkdtempSync(join(folder, 'kept-'));
  make(join(place, 'dynamodb.sqlite'));
  return place;
}

test.each(['not an address', 'https://127.0.0.1:8000', '127.0.0.1:8000'])(
  'an address of another engine that is none, or not spoken to, is refused: %s',
  async (endpoint) => {
    await expect(startDynamo({ endpoint })).rejects.toThrow(/AWS_ENDPOINT_URL_DYNAMODB: .* is no http URL/);
  },
);

test('an engine that runs already is used as it is', async () => {
  const running = await startDynamo({ endpoint: 'http://127.0.0.1:8000' });

  expect(running.endpoint.href).toBe('http://127.0.0.1:8000/');
  await running.stop();
});
