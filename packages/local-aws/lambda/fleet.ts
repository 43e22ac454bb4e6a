/** Runs invocations of all functions, and bounds how many run at once. */
import { randomUUID } from 'node:crypto';
import type { EngineDeps, FaultKind } from '../contracts';
import type { Answer, Failure } from './environment';
import { type EnvironmentParts, type EnvironmentPool, environmentPool } from './environment-pool';
import type { LambdaFunction } from './functions';

export interface Fleet {
  /** Whether an invocation would start at once: neither the function's reserved concurrency nor the machine is full. */
  hasRoom(target: LambdaFunction): boolean;
  /** Whether the function's own limit alone would allow one more. */
  isAllowed(target: LambdaFunction): boolean;
  /** Runs an invocation. Never rejects: what goes wrong is an answer. */
  run(target: LambdaFunction, payload: string, requestId?: string): Promise<Run>;
  readonly running: number;
  /** Called after each invocation: a place is free. */
  onRoom(listener: () => void): void;
  close(): Promise<void>;
}

export interface Run {
  readonly requestId: string;
  readonly answer: Answer;
  /** The failure is Lambda's own, not the function's: asynchronous invocation does not count it as an attempt. */
  readonly isSystemError: boolean;
}

export interface FleetOptions {
  /** Invocations at once over all functions: the machine's bound, not AWS's 1,000. */
  readonly runningMax: number;
  /** Warm and running environments together. */
  readonly environmentsMax: number;
}

const FAULTS: readonly FaultKind[] = ['server-error', 'delay', 'duplicate', 'timeout-after-effect'];

const SERVICE_FAILURE: Failure = {
  errorType: 'ServiceException',
  errorMessage: 'The Lambda service encountered an internal error.',
};

export function fleet(
  world: EngineDeps,
  parts: Omit<EnvironmentParts, 'clock'>,
  { runningMax, environmentsMax }: FleetOptions,
): Fleet {
  const pool = environmentPool({ clock: world.clock, ...parts }, environmentsMax);
  const concurrency = concurrencyCount();
  const listeners: (() => void)[] = [];

  return {
    hasRoom: (target) => concurrency.total < runningMax && concurrency.isAllowed(target),
    isAllowed: concurrency.isAllowed,
    async run(target, payload, requestId = randomUUID()) {
      concurrency.add(target, 1);
      try {
        return { requestId, ...(await runWithFaults(world, pool, target, payload, requestId)) };
      } catch (error) {
        // A function that cannot even be started, because its role is gone for example, is Lambda's failure.
        parts.logs.write(target.name, `${requestId} could not start: ${String(error)}`);
        return { requestId, answer: { failure: failureOf(error) }, isSystemError: true };
      } finally {
        concurrency.add(target, -1);
        for (const listener of listeners) listener();
      }
    },
    get running() {
      return concurrency.total;
    },
    onRoom: (listener) => listeners.push(listener),
    close() {
      listeners.length = 0;
      return pool.close();
    },
  };
}

/** How many invocations run, of all functions and of each. */
function concurrencyCount() {
  const ofFunction = new Map<string, number>();
  let total = 0;
  return {
    get total() {
      return total;
    },
    add({ arn }: LambdaFunction, by: 1 | -1) {
      total += by;
      ofFunction.set(arn, (ofFunction.get(arn) ?? 0) + by);
    },
    isAllowed: ({ arn, reservedConcurrency }: LambdaFunction) =>
      reservedConcurrency === undefined || (ofFunction.get(arn) ?? 0) < reservedConcurrency,
  };
}

/** Planned faults strike around the invocation, as the network and Lambda itself would. */
async function runWithFaults(
  { faults }: EngineDeps,
  pool: EnvironmentPool,
  target: LambdaFunction,
  payload: string,
  requestId: string,
): Promise<Omit<Run, 'requestId'>> {
  const fault = faults.strikes('lambda', target.name, FAULTS);
  if (fault?.kind === 'server-error') return { answer: { failure: SERVICE_FAILURE }, isSystemError: true };
  if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.delayMs ?? 0));
  if (fault?.kind === 'duplicate') await pool.invoke(target, payload, requestId);
  const answer = await pool.invoke(target, payload, requestId);
  const isLate = fault?.kind === 'timeout-after-effect';
  return { answer: isLate ? { failure: lateFailure(target, requestId) } : answer, isSystemError: false };
}

function lateFailure(target: LambdaFunction, requestId: string): Failure {
  const text = `Task timed out after ${target.timeoutSeconds.toFixed(2)} seconds`;
  return { errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${requestId} Error: ${text}` };
}

function failureOf(error: unknown): Failure {
  return error instanceof Error
    ? { errorType: error.name, errorMessage: error.message }
    : { errorType: 'Error', errorMessage: String(error) };
}
