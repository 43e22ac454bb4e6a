/**
 * Lambda of local AWS: runs the packaged functions as they are, from queues, from table streams, later or at once.
 *
 * Nothing is polled while there is no room to run it, so that no message lies hidden behind a busy machine.
 */
import { AwsError, type Engine, type Json, type Principal } from '../call';
import type { EngineDeps, Iam, Queues, TableStreams, Targets, Ticking } from '../contracts';
import type { RestEngine } from '../door/rest';
import { asyncInvocations } from './async-invocations';
import type { Code } from './code';
import { destinations } from './destinations';
import { filters } from './filter';
import { type FleetOptions, fleet } from './fleet';
import { type FunctionUrls, functionUrls } from './function-urls';
import { type FunctionConfiguration, type Functions, functions, type LambdaFunction } from './functions';
import { logs } from './logs';
import { isQueue, type Mapping, type MappingConfiguration, mappings } from './mappings';
import { queueClient } from './queue-client';
import { queueSource } from './queue-source';
import { lambdaRest } from './rest';
import { roleSessions } from './role-sessions';
import { sourceCheck } from './source-check';
import { streamSource } from './stream-source';

export interface Lambda extends RestEngine, Ticking, Pick<Functions, 'permit' | 'setAsynchronous'> {
  readonly invokeLater: Targets['invokeLater'];
  /** Creates or updates a function; safe to repeat. */
  createFunction(configuration: FunctionConfiguration, code: Code): LambdaFunction;
  /** Creates or updates the mapping of a source to a function; safe to repeat: the position in a stream is kept. */
  createEventSourceMapping(configuration: MappingConfiguration): Promise<Mapping>;
  deleteEventSourceMapping(id: string): void;
  readonly functionUrls: Pick<FunctionUrls, 'open' | 'close'>;
  /** Something new lies in a queue or in a stream: looks soon instead of at the next beat. */
  wake(sources: 'queues' | 'streams'): void;
  /** The last lines that a function printed. */
  logsOf(functionName: string): readonly string[];
  /** Whether nothing is running, waiting to be retried, unread in a stream or left in a queue that a function reads. */
  isIdle(): Promise<boolean>;
  /** Ends all execution environments; what they were doing is done again by the next process. */
  close(): Promise<void>;
}

export interface LambdaParts {
  readonly iam: Iam;
  readonly sqs: Pick<Engine, 'handle'>;
  readonly queues: Queues;
  readonly streams: TableStreams;
  /** The door's address, as functions see it in AWS_ENDPOINT_URL. */
  readonly endpoint: () => string;
}

export interface LambdaOptions {
  /** Where unpacked code is kept. */
  readonly codeFolder: string;
  readonly logFolder?: string | undefined;
  readonly onLog?: ((functionName: string, line: string) => void) | undefined;
  /** Messages of a failed batch come back after so long instead of after their visibility timeout. */
  readonly retrySeconds?: number | undefined;
  readonly fleet?: FleetOptions | undefined;
}

/** A machine of two cores: enough for functions that mostly wait for the door, and some 30 MB each. */
const FLEET: FleetOptions = { runningMax: 8, environmentsMax: 32 };

/** What keeps a queue from being drained. A message that waits out a delay is like a schedule that is not due: it is left out. */
const MESSAGE_COUNTS = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];

export function lambda(world: EngineDeps, parts: LambdaParts, options: LambdaOptions): Lambda {
  const aheadMs = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  const ahead = new Float64Array(aheadMs);
  const log = logs({ folder: options.logFolder, onLog: options.onLog });
  const book = functions(world, { iam: parts.iam, cacheFolder: options.codeFolder });
  const sources = mappings(world);
  const sessions = roleSessions(world, parts.iam);
  const client = queueClient({ ...parts, sessions });
  const check = sourceCheck({ iam: parts.iam, sessions, queues: client });
  const workers = fleet(world, { sessions, endpoint: parts.endpoint, logs: log, aheadMs }, options.fleet ?? FLEET);
  const urls = functionUrls(world, { functions: book, fleet: workers, endpoint: parts.endpoint });
  const reports = destinations({ queues: client, logs: log });
  const shared = { functions: book, fleet: workers, filters: filters(), destinations: reports };
  const waiting = asyncInvocations(world, shared);
  const queueWork = queueSource(world, { ...shared, queues: parts.queues, retrySeconds: options.retrySeconds });
  const streamWork = streamSource(world, { ...shared, streams: parts.streams });
  const problems = new Map<string, string>();

  /** One batch of each source in turn, as long as there is room: no source keeps the others waiting. */
  const pump = () => {
    ahead[0] = world.clock.aheadMs;
    waiting.start();
    const enabled = [...sources.all()].filter(({ isEnabled }) => isEnabled);
    for (const mapping of enabled) if (!isQueue(mapping.sourceArn)) streamWork.advance(mapping);
    let hungry = enabled.filter(({ sourceArn }) => isQueue(sourceArn));
    while (hungry.length > 0) hungry = hungry.filter(startOne);
  };

  /** A source that is gone stops its own mapping and no other; the function's log says so, once. */
  const startOne = (mapping: Mapping): boolean => {
    try {
      return queueWork.startOne(mapping);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const problem = `${mapping.sourceArn}: ${error.message}`;
      if (problems.get(mapping.id) !== problem) log.write(mapping.functionArn.split(':')[6] ?? '', problem);
      problems.set(mapping.id, problem);
      return false;
    }
  };

  const isDrained = async (mapping: Mapping): Promise<boolean> => {
    if (!isQueue(mapping.sourceArn)) return streamWork.isDrained(mapping);
    const attributes = await client.attributes(book.get(mapping.functionArn), mapping.sourceArn);
    return MESSAGE_COUNTS.every((count) => Number(attributes[count] ?? 0) === 0);
  };

  let isPumpDue = false;
  const pumpSoon = () => {
    if (isPumpDue) return;
    isPumpDue = true;
    setImmediate(() => {
      isPumpDue = false;
      if (!isClosed) pump();
    });
  };
  let isClosed = false;
  workers.onRoom(pumpSoon);

  const accept = (target: LambdaFunction, event: Json) => {
    waiting.accept(target, event);
    pumpSoon();
  };

  return {
    ...lambdaRest({ iam: parts.iam, functions: book, fleet: workers, mappings: sources, logs: log, urls, accept }),
    functionUrls: urls,
    tick: pump,
    permit: book.permit,
    setAsynchronous: book.setAsynchronous,
    invokeLater(functionArn, event, as) {
      const target = book.get(functionArn);
      const caller = as.roleArn ? sessions.principalOf(as.roleArn, as.service) : servicePrincipal(as.service);
      book.requireInvoke(target, caller, { arn: as.sourceArn, accountId: accountOf(as.sourceArn) });
      accept(target, event);
    },
    createFunction: book.put,
    async createEventSourceMapping(configuration) {
      await check(book.get(configuration.functionArn), configuration.sourceArn);
      const known = new Set([...sources.all()].map(({ id }) => id));
      const mapping = sources.put(configuration);
      if (!known.has(mapping.id) && mapping.startingPosition === 'LATEST') await streamWork.skipToEnd(mapping);
      return mapping;
    },
    deleteEventSourceMapping: sources.delete,
    wake(which) {
      if (which === 'streams') streamWork.wake();
      pumpSoon();
    },
    logsOf: log.of,
    async isIdle() {
      if (workers.running > 0 || waiting.pending > 0 || queueWork.busy > 0 || streamWork.busy > 0) return false;
      for (const mapping of sources.all()) if (mapping.isEnabled && !(await isDrained(mapping))) return false;
      return true;
    },
    async close() {
      isClosed = true;
      await workers.close();
    },
  };
}

function servicePrincipal(service: string): Principal {
  return { type: 'AWSService', accountId: '', arn: service, principalId: service };
}

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}
