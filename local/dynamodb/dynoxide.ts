/**
 * The DynamoDB engine behind local AWS: dynoxide, started on a free loopback port, or the DynamoDB that
 * `AWS_ENDPOINT_URL_DYNAMODB` names.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';

export interface DynamoProcess {
  readonly endpoint: URL;
  /** The region part of the ARNs that the engine writes; their account is always 000000000000. */
  readonly arnRegion: string;
  stop(): Promise<void>;
}

/**
 * Runs a program until it ends or standard input does. The kernel closes that input even when this process is killed,
 * so that dynoxide never outlives it.
 */
const UNTIL_INPUT_ENDS =
  'exec 3<&0; "$@" <&- 3<&- & child=$!; (cat <&3 >/dev/null; kill "$child") 2>/dev/null & wait "$child"';
const READY_WITHIN_MS = 10_000;
const START_ATTEMPTS = 3;

export async function startDynamo(options: {
  readonly folder?: string;
  readonly endpoint?: string;
}): Promise<DynamoProcess> {
  if (options.endpoint) {
    return { endpoint: new URL(options.endpoint), arnRegion: 'ddblocal', stop: async () => {} };
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startDynoxide(options.folder);
    } catch (error) {
      // Somebody else may have taken the port between finding and using it.
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function startDynoxide(folder: string | undefined): Promise<DynamoProcess> {
  const port = await freePort();
  const kept = folder === undefined ? [] : ['--db-path', join(folder, 'dynamodb.sqlite')];
  const program = [dynoxidePath(), '-p', String(port), ...kept];
  const child = spawn('/bin/sh', ['-c', UNTIL_INPUT_ENDS, 'sh', ...program], { stdio: ['pipe', 'pipe', 'pipe'] });
  await listening(child);
  return {
    endpoint: new URL(`http://127.0.0.1:${port}`),
    arnRegion: 'dynoxide',
    async stop() {
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.stdin.end();
      await gone;
    },
  };
}

/** Looked for from the running program and from the working directory: the sources run bundled and under jest. */
function dynoxidePath(): string {
  const paths = [dirname(process.argv[1] ?? '.'), process.cwd()];
  try {
    const from = createRequire(join(process.cwd(), 'package.json'));
    const manifest = from.resolve('@dynoxide/linux-x64/package.json', { paths });
    return join(dirname(manifest), 'dynoxide');
  } catch (cause) {
    throw new Error(
      'dynoxide is published for Linux on x64 only: set AWS_ENDPOINT_URL_DYNAMODB to a DynamoDB of your own, DynamoDB Local for example.',
      { cause },
    );
  }
}

/** dynoxide says on which address it listens; what it says afterwards is nobody's concern. */
async function listening(child: ChildProcessWithoutNullStreams): Promise<void> {
  let said = '';
  const hear = (chunk: Buffer) => {
    said += chunk;
    if (said.includes('listening on')) child.emit('listening');
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = once(child, 'exit').then(() => false);
  const ready = once(child, 'listening', { signal: AbortSignal.timeout(READY_WITHIN_MS) }).then(() => true);
  const isReady = await Promise.race([ready, ended]).catch(() => false);
  child.stdout.off('data', hear).resume();
  child.stderr.off('data', hear).resume();
  if (isReady) return;
  child.stdin.end();
  throw new Error(`dynoxide did not start: ${said}`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
