import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { startDynamo } from '../../../../local/dynamodb/dynoxide';

const folder = mkdtempSync(join(tmpdir(), 'keywright-dynoxide-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A process of its own that starts the engine, tells its port, and then only lives. */
function starterProgram(): string {
  const outfile = join(folder, 'starter.mjs');
  buildSync({
    stdin: {
      contents: `
        import { startDynamo } from ${JSON.stringify(resolve('local/dynamodb/dynoxide.ts'))};
        const { endpoint } = await startDynamo({});
        process.send(endpoint.port);
      `,
      resolveDir: process.cwd(),
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  return outfile;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'close').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return isOpen;
}

async function untilClosed(port: number): Promise<void> {
  while (await isListening(port)) await new Promise((again) => setImmediate(again));
}

test('the engine ends with the process that started it, also when that process is killed', async () => {
  const starter = fork(starterProgram(), { cwd: process.cwd() });
  const [port] = (await once(starter, 'message')) as [string];
  expect(await isListening(Number(port))).toBe(true);

  starter.kill('SIGKILL');

  await untilClosed(Number(port));
});

test('the engine ends when it is stopped, and stopping it twice is harmless', async () => {
  const running = await startDynamo({});

  await running.stop();
  await running.stop();

  expect(await isListening(Number(running.endpoint.port))).toBe(false);
});

test('an engine that cannot start is told with its own words', async () => {
  await expect(startDynamo({ folder: '/nowhere/at/all' })).rejects.toThrow(/dynoxide did not start: .*\w/s);
});

test('an engine that runs already is used as it is', async () => {
  const running = await startDynamo({ endpoint: 'http://127.0.0.1:8000' });

  expect(running.endpoint.href).toBe('http://127.0.0.1:8000/');
  await running.stop();
});
