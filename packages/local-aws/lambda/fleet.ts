/**
 * All execution environments: finds or starts one for an invocation, keeps it warm, bounds how many run at once.
 *
 * Environments of a function that changed, whose credentials end soon or that ended themselves are replaced. When all
 * places are taken by warm environments, the one that has been idle longest gives way.
 */
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { instantOf } from '../clock';
import type { EngineDeps, FaultKind } from '../contracts';
import { entryOf } from './code';
import { type Answer, type Environment, openEnvironment } from './environment';
import type { LambdaFunction } from './functions';
import type { Logs } from './logs';
import type { RoleSessions } from './role-sessions';
import { runtimeVariables } from './variables';

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

interface Place {
  readonly environment: Environment;
  readonly functionArn: string;
  readonly revision: string;
  readonly accessKeyId: string;
  readonly logStreamName: string;
  isBusy: boolean;
  idleSince: number;
}

export function fleet(
  world: EngineDeps,
  parts: {
    readonly sessions: RoleSessions;
    readonly logs: Logs;
    readonly endpoint: () => string;
    readonly aheadMs: SharedArrayBuffer;
  },
  options: FleetOptions,
): Fleet {
  const places = new Set<Place>();
  const runningOf = new Map<string, number>();
  const listeners: (() => void)[] = [];
  let running = 0;

  const leave = (place: Place) => {
    places.delete(place);
    return place.environment.close();
  };

  const isUsable = (place: Place, target: LambdaFunction) =>
    !place.environment.ended &&
    place.revision === target.revision &&
    place.accessKeyId === parts.sessions.of(target.roleArn, target.name).accessKeyId;

  const open = (target: LambdaFunction): Place => {
    const session = parts.sessions.of(target.roleArn, target.name);
    const { modulePath, exportName } = entryOf(target.codeFolder, target.handler);
    const logStreamName = `${instantOf(world.clock.now()).slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
    const environment = openEnvironment({
      moduleUrl: pathToFileURL(modulePath).href,
      exportName,
      handler: target.handler,
      memoryMb: target.memoryMb,
      timeoutMs: target.timeoutSeconds * 1000,
      aheadMs: parts.aheadMs,
      onLine: (line) => parts.logs.write(target.name, line),
      variables: {
        ...target.variables,
        ...runtimeVariables(target, logStreamName),
        AWS_ENDPOINT_URL: parts.endpoint(),
        AWS_ACCESS_KEY_ID: session.accessKeyId,
        AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
        AWS_SESSION_TOKEN: session.sessionToken,
      },
    });
    return {
      environment,
      functionArn: target.arn,
      revision: target.revision,
      accessKeyId: session.accessKeyId,
      logStreamName,
      isBusy: false,
      idleSince: 0,
    };
  };

  const take = (target: LambdaFunction): Place => {
    for (const place of places) {
      if (place.functionArn !== target.arn || place.isBusy) continue;
      if (isUsable(place, target)) return place;
      void leave(place);
    }
    if (places.size >= options.environmentsMax) {
      const idle = [...places].filter((place) => !place.isBusy).sort((a, b) => a.idleSince - b.idleSince);
      if (idle[0]) void leave(idle[0]);
    }
    const place = open(target);
    places.add(place);
    return place;
  };

  const runOnce = async (target: LambdaFunction, payload: string, requestId: string): Promise<Answer> => {
    const place = take(target);
    place.isBusy = true;
    const answer = await place.environment.invoke(payload, {
      awsRequestId: requestId,
      functionName: target.name,
      functionVersion: '$LATEST',
      invokedFunctionArn: target.arn,
      memoryLimitInMB: String(target.memoryMb),
      logGroupName: `/aws/lambda/${target.name}`,
      logStreamName: place.logStreamName,
    });
    place.isBusy = false;
    place.idleSince = Date.now();
    if (place.environment.ended) void leave(place);
    return answer;
  };

  /** Planned faults strike around the invocation, as the network and Lambda itself would. */
  const runWithFaults = async (
    target: LambdaFunction,
    payload: string,
    requestId: string,
  ): Promise<Omit<Run, 'requestId'>> => {
    const fault = world.faults.strikes('lambda', target.name, FAULTS);
    if (fault?.kind === 'server-error') return { answer: { failure: SERVICE_FAILURE }, isSystemError: true };
    if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.delayMs ?? 0));
    if (fault?.kind === 'duplicate') await runOnce(target, payload, requestId);
    const answer = await runOnce(target, payload, requestId);
    if (fault?.kind === 'timeout-after-effect')
      return { answer: { failure: lateFailure(target, requestId) }, isSystemError: false };
    return { answer, isSystemError: false };
  };

  const count = (target: LambdaFunction, by: 1 | -1) => {
    running += by;
    runningOf.set(target.arn, (runningOf.get(target.arn) ?? 0) + by);
  };
  const isAllowed = (target: LambdaFunction) =>
    target.reservedConcurrency === undefined || (runningOf.get(target.arn) ?? 0) < target.reservedConcurrency;

  return {
    hasRoom: (target) => running < options.runningMax && isAllowed(target),
    isAllowed,
    async run(target, payload, requestId = randomUUID()) {
      count(target, 1);
      try {
        return { requestId, ...(await runWithFaults(target, payload, requestId)) };
      } catch (error) {
        // A function that cannot even be started, because its role is gone for example, is Lambda's failure.
        parts.logs.write(target.name, `${requestId} could not start: ${String(error)}`);
        return { requestId, answer: { failure: failureOf(error) }, isSystemError: true };
      } finally {
        count(target, -1);
        for (const listener of listeners) listener();
      }
    },
    get running() {
      return running;
    },
    onRoom: (listener) => listeners.push(listener),
    async close() {
      listeners.length = 0;
      await Promise.all([...places].map(leave));
    },
  };
}

const SERVICE_FAILURE = {
  errorType: 'ServiceException',
  errorMessage: 'The Lambda service encountered an internal error.',
};

function lateFailure(target: LambdaFunction, requestId: string) {
  const text = `Task timed out after ${target.timeoutSeconds.toFixed(2)} seconds`;
  return { errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${requestId} Error: ${text}` };
}

function failureOf(error: unknown) {
  return error instanceof Error
    ? { errorType: error.name, errorMessage: error.message }
    : { errorType: 'Error', errorMessage: String(error) };
}
