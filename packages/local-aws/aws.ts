/**
 * AWS on this machine, in one process: every engine behind one door, on one clock and one store.
 *
 * One beat moves everything that is due. With a folder, all state outlives the process, also when it is killed: whatever
 * was acknowledged is there at the next start, and goes on.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { takeFolder } from 'safe-files/folder-lock';
import { bugLine } from './bug-line';
import type { Clock } from './clock';
import type { DeployOptions, Stack } from './cloudformation/deploy';
import type { Template } from './cloudformation/template';
import type { Buses, EngineDeps, FaultPlan, Iam } from './contracts';
import { openDoor } from './door/door';
import { startDynamoDb } from './dynamodb/dynamodb';
import { openEngines } from './engines';
import { faultPlan } from './faults';
import { isSystemError, onFile } from './file-errors';
import { iam } from './iam/iam';
import { keptClock } from './kept-clock';
import type { KmsOptions } from './kms/engine';
import { seededRandom } from './seeded-random';
import { openStore, type Store } from './store';

export interface LocalAwsOptions {
  /** Keeps all state there. In memory only when left out. */
  readonly folder?: string;
  /** Where DynamoDB's tables are, and deployments that say nothing else. Every other service is in all regions. */
  readonly region?: string;
  /** The account that owns DynamoDB's tables: the provider's. Every other service is in all accounts. */
  readonly accountId?: string;
  /** Starts with the clock so far ahead of the machine's, if it is not further ahead already. */
  readonly aheadMs?: number;
  /** Repeats which planned faults strike. */
  readonly seed?: number;
  /** The door's port; the one of the last time when left out, if it is free, so that kept queue URLs stay good. */
  readonly port?: number;
  /** Hears every line that a function prints. */
  readonly onLog?: (functionName: string, line: string) => void;
  /** KMS request quotas other than AWS's. */
  readonly quotas?: NonNullable<KmsOptions['quotas']>;
  /** Messages that a function failed with come back after so long, instead of after their visibility timeout. */
  readonly retrySeconds?: number;
  /**
   * Told of what ends local AWS: the disk takes no more, DynamoDB is gone. Nothing more is acknowledged from then on; what
   * was before is there at the next start. When left out it is thrown where nobody catches it, which ends the process.
   */
  readonly onFault?: (error: unknown) => void;
}

export interface LocalAws {
  /** The endpoint: what `AWS_ENDPOINT_URL` has to be. */
  readonly url: string;
  readonly region: string;
  /** Where all state is, or what does not outlive this process. Its owner's alone. */
  readonly folder: string;
  readonly clock: Clock;
  readonly faults: FaultPlan;
  readonly iam: Iam;
  /** Safe to repeat; see `cloudFormation`. The template is CloudFormation's JSON. */
  deploy(
    template: object,
    options: Pick<DeployOptions, 'accountId' | 'artifacts' | 'parameters'> & Partial<DeployOptions>,
  ): Promise<Stack>;
  /** An event of an AWS service on an account's default bus: no `PutEvents` may name a source that begins with `aws.`. */
  readonly serviceEvent: Buses['publish'];
  /** Opens the account if need be, and gives its administrator's access key. */
  credentials(accountId: string): { readonly accessKeyId: string; readonly secretAccessKey: string };
  /**
   * Resolves once nothing is on its way: no delivery, invocation, stream record, or message in a queue that a function
   * reads. Work that waits for a later instant counts, a retry for example, but for what waits out a queue's delay: move the clock, or wait.
   */
  idle(): Promise<void>;
  /** The last lines that a function printed. */
  lambdaLogs(functionName: string): readonly string[];
  stop(): Promise<void>;
}

/** The beat: short beside what people notice, long beside what it costs when nothing is due. */
const BEAT_MS = 10;
const IDLE_POLL_MS = 10;
/** Key material is in there. */
const OWNER_ONLY = 0o700;
const REGION = 'eu-central-1';
/** AWS's own example number. */
const ACCOUNT = '111122223333';

/** @throws LocalAwsFault, FolderInUse or the system's own error. Nothing is left running then. */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const opened = opening();
  try {
    return await openAll(options, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** What has been opened so far, closed in the opposite order. */
interface Opened {
  closeWith(close: () => void | Promise<void>): void;
  close(): Promise<void>;
}

function opening(): Opened {
  const closers: (() => void | Promise<void>)[] = [];
  return {
    closeWith: (close) => void closers.push(close),
    async close() {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}

async function openAll(options: LocalAwsOptions, opened: Opened): Promise<LocalAws> {
  const region = options.region ?? REGION;
  const { onFault = throwUncaught } = options;
  const scratch = await openFolder(options.folder, opened);
  const store = openStore(options.folder && join(options.folder, 'store'), onFault);
  opened.closeWith(store.close);
  const random = seededRandom(options.seed ?? Date.now());
  const world: EngineDeps = { store, random, clock: keptClock(store, options.aheadMs), faults: faultPlan(random) };

  let url = '';
  const identities = iam(world);
  const tables = await startDynamoDb(world, { iam: identities }, { ...dynamoOptions(options, region), onFault });
  opened.closeWith(tables.stop);
  const engines = openEngines(world, { iam: identities, tables, endpoint: () => url }, { ...options, scratch });
  opened.closeWith(engines.close);
  const door = await openKeptDoor(store, options.port, (port) =>
    openDoor(
      world,
      { iam: identities, trail: engines.trail, engines: engines.all, onBug: faultOrBug(onFault) },
      { port },
    ),
  );
  opened.closeWith(door.close);
  url = door.url;
  const beat = setInterval(engines.tick, BEAT_MS);
  opened.closeWith(() => clearInterval(beat));

  let isStopped = false;
  return {
    url,
    region,
    folder: scratch,
    clock: world.clock,
    faults: world.faults,
    iam: identities,
    deploy(template, { region: there = region, stackName = 'local', ...more }) {
      engines.trail.begin({ accountId: more.accountId, region: there });
      return engines.stacks.deploy(template as Template, { ...more, region: there, stackName });
    },
    serviceEvent: engines.serviceEvent,
    credentials: identities.openAccount,
    idle: () => idle(engines.isIdle, () => isStopped),
    lambdaLogs: engines.lambdaLogs,
    async stop() {
      isStopped = true;
      await opened.close();
    },
  };
}

/** The folder that all state is kept in, ours alone from now on; without one, a temporary folder. */
async function openFolder(kept: string | undefined, opened: Opened): Promise<string> {
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'local-aws-'));
  onFile(folder, () => mkdirSync(folder, { recursive: true, mode: OWNER_ONLY }));
  opened.closeWith(kept === undefined ? deleting(folder) : (await takeFolder(folder)).giveBack);
  return folder;
}

async function idle(isIdle: () => Promise<boolean>, isStopped: () => boolean): Promise<void> {
  // Twice in a row: a record may reach its stream while the first round is already behind the streams.
  for (let quiet = 0; quiet < 2; ) {
    if (isStopped()) throw new Error('Local AWS was stopped while work was on its way.');
    quiet = (await isIdle()) ? quiet + 1 : 0;
    await delay(quiet > 0 ? 0 : IDLE_POLL_MS);
  }
}

/** Outside of whoever waits for an answer, which it would only reach as one failed call. */
function throwUncaught(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}

/** A file that an engine cannot write or read any more is no bug of the engine. */
const faultOrBug = (onFault: (error: unknown) => void) => (error: unknown) =>
  isSystemError(error) && error.path !== undefined
    ? onFault(error)
    : console.error(bugLine('Local AWS has a bug', error));

const deleting = (folder: string) => () => rmSync(folder, { recursive: true, force: true });

/** `AWS_ENDPOINT_URL_DYNAMODB` names a DynamoDB of the user's own, where no dynoxide can run for example. */
function dynamoOptions({ folder, accountId = ACCOUNT }: LocalAwsOptions, region: string) {
  const endpoint = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  return {
    home: { accountId, region },
    ...(folder !== undefined && { folder }),
    ...(endpoint && { endpoint }),
  };
}

/** The port stays the same from one start to the next, as long as nobody else took it. */
async function openKeptDoor<Door extends { readonly port: number }>(
  store: Store,
  wanted: number | undefined,
  open: (port: number) => Promise<Door>,
): Promise<Door> {
  const kept = store.table<number>('door');
  const door = await open(wanted ?? kept.get('port') ?? 0).catch((error: NodeJS.ErrnoException) => {
    if (wanted === undefined && error.code === 'EADDRINUSE') return open(0);
    throw error;
  });
  if (kept.get('port') !== door.port) kept.set('port', door.port);
  return door;
}
