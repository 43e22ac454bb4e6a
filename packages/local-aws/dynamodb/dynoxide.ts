/**
 * The DynamoDB engine behind local AWS: dynoxide, or the DynamoDB that `AWS_ENDPOINT_URL_DYNAMODB` names.
 *
 * dynoxide asks nobody who they are, answers web pages of every origin and listens on TCP only. So nobody is told where it
 * is: on Linux on an address drawn at random, anew for each run, from the sixteen million that lead to this machine alone.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, lstatSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { onFile } from '../file-errors';
import { LocalAwsFault } from '../start-refused';
import { findDynoxide } from './find-dynoxide';

export interface DynamoProcess {
  readonly endpoint: URL;
  stop(): Promise<void>;
}

export interface DynamoOptions {
  /** Tables are kept there, and in memory without one. */
  readonly folder?: string;
  /** An engine that runs already. */
  readonly endpoint?: string;
  /** Told when the engine ends without having been stopped. */
  readonly onFault?: (error: unknown) => void;
}

/**
 * Runs a program until it ends or standard input does. The kernel closes that input even when this process is killed,
 * so that dynoxide never outlives it. What it writes is its owner's alone.
 */
const UNTIL_INPUT_ENDS =
  'umask 077; exec 3<&0; "$@" <&- 3<&- & child=$!; (cat <&3 >/dev/null; kill "$child") 2>/dev/null & wait "$child"';
const READY_WITHIN_MS = 10_000;
const OWNER_ONLY = 0o600;

/** @throws LocalAwsFault when there is no engine. */
export async function startDynamo({ folder, endpoint, onFault }: DynamoOptions): Promise<DynamoProcess> {
  if (endpoint) return { endpoint: urlOf(endpoint), stop: async () => {} };
  return startDynoxide(folder, onFault ?? (() => {}));
}

function urlOf(endpoint: string): URL {
  if (URL.canParse(endpoint) && new URL(endpoint).protocol === 'http:') return new URL(endpoint);
  throw new LocalAwsFault(
    `AWS_ENDPOINT_URL_DYNAMODB: "${endpoint}" is no http URL. It looks like http://127.0.0.1:8000`,
  );
}

async function startDynoxide(folder: string | undefined, onFault: (error: unknown) => void): Promise<DynamoProcess> {
  const host = hiddenAddress();
  const port = await freePort(host);
  const kept = folder === undefined ? [] : ['--db-path', keptFile(folder)];
  const program = [findDynoxide(), '--host', host, '--port', String(port), ...kept];
  const child = spawn('/bin/sh', ['-c', UNTIL_INPUT_ENDS, 'sh', ...program], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C reaches a whole group of processes: this one is to be there until everything else has ended.
    detached: true,
    // Nothing of what this process knows is its concern, secrets least of all.
    env: { PATH: process.env['PATH'] },
  });
  await listening(child, folder);
  const endedByItself = () =>
    onFault(
      new LocalAwsFault('dynoxide, the DynamoDB of local AWS, ended by itself. Start again: what was kept is there.'),
    );
  child.once('exit', endedByItself);
  return {
    endpoint: new URL(`http://${host}:${port}`),
    async stop() {
      child.off('exit', endedByItself);
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.stdin.end();
      await gone;
    },
  };
}

/** All of 127.0.0.0/8 is loopback on Linux; elsewhere the system answers on one address of it. Source: RFC 1122, 3.2.1.3; ip(7). */
const hiddenAddress = () =>
  process.platform === 'linux' ? `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}` : '127.0.0.1';

/** Where dynoxide keeps the tables of a folder. */
export const keptFileIn = (folder: string): string => join(folder, 'dynamodb.sqlite');

/** An earlier release left it readable by everybody. */
function keptFile(folder: string): string {
  const path = keptFileIn(folder);
  const isThere = lstatSync(path, { throwIfNoEntry: false })?.isFile();
  if (isThere) onFile(path, () => chmodSync(path, OWNER_ONLY));
  return path;
}

/** dynoxide says on which address it listens; what it says afterwards is nobody's concern. */
async function listening(child: ChildProcessWithoutNullStreams, folder: string | undefined): Promise<void> {
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
  const words =
    said
      .trim()
      .replace(/^error: /, '')
      .replace(/\s+/g, ' ') || 'it said nothing.';
  const way =
    folder === undefined ? '' : ` If ${folder} was damaged, put back a copy of it, or move it away and begin anew.`;
  throw new LocalAwsFault(`dynoxide, the DynamoDB of local AWS, did not start: ${words}${way}`);
}

async function freePort(host: string): Promise<number> {
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
