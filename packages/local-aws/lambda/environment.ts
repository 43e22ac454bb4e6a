/**
 * One execution environment: a worker thread that has loaded one function and runs one invocation at a time.
 *
 * A timeout, a crash or a failed start ends the environment, as in the cloud; whoever asked gets a failure, never a
 * rejected promise. An environment that has ended runs nothing any more.
 */
import { Worker } from 'node:worker_threads';
import { BOOTSTRAP } from './bootstrap';

/** What came of an invocation: the handler's answer as JSON text, or how it failed. */
export type Answer = { readonly payload: string } | { readonly failure: Failure };

/** The error of an invocation as Lambda writes it into the answer's body. */
export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export interface InvocationContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
}

export interface EnvironmentOptions {
  /** `file:` URL of the module, the export to call, and the handler's name as configured, for error texts. */
  readonly moduleUrl: string;
  readonly exportName: string;
  readonly handler: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** One 64-bit float: how far the clock of local AWS is ahead of the machine's. */
  readonly aheadMs: SharedArrayBuffer;
  readonly onLine: (line: string) => void;
}

export interface Environment {
  /** Runs one invocation. The payload is JSON text. */
  invoke(payload: string, context: InvocationContext): Promise<Answer>;
  readonly ended: boolean;
  /** Resolves when the thread is gone. */
  close(): Promise<void>;
}

/** The initialisation phase may last 10 seconds. Source: Lambda developer guide, "Lambda execution environment lifecycle". */
const INIT_MS_MAX = 10_000;

type Message = { log?: string; ready?: true; initFailure?: Failure; id?: number; payload?: string; failure?: Failure };

export function openEnvironment(options: EnvironmentOptions): Environment {
  const worker = new Worker(BOOTSTRAP, {
    eval: true,
    env: { ...options.variables },
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: options.memoryMb },
    workerData: {
      moduleUrl: options.moduleUrl,
      exportName: options.exportName,
      handler: options.handler,
      aheadMs: options.aheadMs,
    },
  });
  const lines = lineSplitter(options.onLine);
  let ended = false;
  let invocations = 0;
  let waiting: ((answer: Answer) => void) | undefined;
  let started: ((failure?: Failure) => void) | undefined;
  const start = new Promise<Failure | undefined>((resolve) => {
    started = resolve;
  });

  const answer = (result: Answer) => {
    waiting?.(result);
    waiting = undefined;
  };
  const end = (failure: Failure) => {
    ended = true;
    started?.(failure);
    answer({ failure });
    return worker.terminate();
  };

  worker.on('message', (message: Message) => {
    if (message.log !== undefined) lines.write(message.log);
    else if (message.ready) started?.();
    else if (message.initFailure) void end(message.initFailure);
    else if (message.id !== invocations) return;
    else if (message.failure) answer({ failure: message.failure });
    else answer({ payload: message.payload ?? 'null' });
  });
  worker.on('error', (error) => void end(crashOf(error)));
  worker.on('exit', () => {
    lines.flush();
    void end({ errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited without providing a reason' });
  });

  /** Resolves with the answer, or ends the environment when `limitMs` passes first. */
  const within = async <Result>(work: Promise<Result>, limitMs: number, late: () => Failure): Promise<Result> => {
    const timer = setTimeout(() => void end(late()), limitMs);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    async invoke(payload, context) {
      const timedOut = (limitMs: number) => () => {
        const text = `Task timed out after ${(limitMs / 1000).toFixed(2)} seconds`;
        options.onLine(`${context.awsRequestId} ${text}`);
        return { errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${context.awsRequestId} Error: ${text}` };
      };
      const failedStart = await within(start, INIT_MS_MAX, timedOut(INIT_MS_MAX));
      if (failedStart) return { failure: failedStart };
      invocations += 1;
      const result = new Promise<Answer>((resolve) => {
        waiting = resolve;
      });
      worker.postMessage({ id: invocations, event: payload, context, timeoutMs: options.timeoutMs });
      return within(result, options.timeoutMs, timedOut(options.timeoutMs));
    },
    get ended() {
      return ended;
    },
    async close() {
      await end({ errorType: 'Runtime.ExitError', errorMessage: 'The execution environment was shut down' });
    },
  };
}

function crashOf(error: Error & { code?: string }): Failure {
  const errorType = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'Runtime.OutOfMemory' : error.name;
  return { errorType, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

/** Text arrives in pieces; a log has lines. */
function lineSplitter(onLine: (line: string) => void) {
  let rest = '';
  return {
    write(text: string) {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) onLine(line);
    },
    flush() {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
