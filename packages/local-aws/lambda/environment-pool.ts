/**
 * Execution environments, kept warm for the next invocation of their function.
 *
 * Those of a function that changed, whose credentials end soon or that ended themselves are replaced. When all places
 * are taken by warm environments, the one that has been idle longest gives way.
 */
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { type Clock, instantOf } from '../clock';
import { entryOf } from './code';
import { type Answer, type Environment, openEnvironment } from './environment';
import type { LambdaFunction } from './functions';
import type { Logs } from './logs';
import type { RoleSessions } from './role-sessions';
import { runtimeVariables } from './variables';

export interface EnvironmentPool {
  /** Runs an invocation in a free environment, or in a new one. Rejects when none can be started, as after `close`. */
  invoke(target: LambdaFunction, payload: string, requestId: string): Promise<Answer>;
  close(): Promise<void>;
}

export interface EnvironmentParts {
  readonly clock: Clock;
  readonly sessions: RoleSessions;
  readonly logs: Logs;
  readonly endpoint: () => string;
  readonly aheadMs: SharedArrayBuffer;
}

interface Place {
  readonly environment: Environment;
  readonly functionArn: string;
  readonly revision: string;
  readonly accessKeyId: string;
  readonly logStreamName: string;
  isBusy: boolean;
  idleSince: number;
}

/** @param environmentsMax warm and running environments together. */
export function environmentPool(parts: EnvironmentParts, environmentsMax: number): EnvironmentPool {
  const places = new Set<Place>();
  let isClosed = false;
  return {
    async invoke(target, payload, requestId) {
      if (isClosed) throw new Error('Local AWS has stopped.');
      const place = freePlace(places, target, parts) ?? newPlace(places, target, parts, environmentsMax);
      place.isBusy = true;
      const answer = await place.environment.invoke(payload, invocationOf(target, place, requestId));
      place.isBusy = false;
      place.idleSince = Date.now();
      if (place.environment.ended) void leave(places, place);
      return answer;
    },
    async close() {
      isClosed = true;
      await Promise.all([...places].map((place) => leave(places, place)));
    },
  };
}

function leave(places: Set<Place>, place: Place): Promise<void> {
  places.delete(place);
  return place.environment.close();
}

/** A warm environment of the function. Idle ones that are of no use any more leave. */
function freePlace(places: Set<Place>, target: LambdaFunction, { sessions }: EnvironmentParts): Place | undefined {
  for (const place of places) {
    if (place.functionArn !== target.arn || place.isBusy) continue;
    const isUsable =
      !place.environment.ended &&
      place.revision === target.revision &&
      place.accessKeyId === sessions.of(target.roleArn, target.name).accessKeyId;
    if (isUsable) return place;
    void leave(places, place);
  }
  return undefined;
}

function newPlace(places: Set<Place>, target: LambdaFunction, parts: EnvironmentParts, environmentsMax: number): Place {
  if (places.size >= environmentsMax) {
    const [idlest] = [...places].filter(({ isBusy }) => !isBusy).sort((a, b) => a.idleSince - b.idleSince);
    if (idlest) void leave(places, idlest);
  }
  const place = openPlace(target, parts);
  places.add(place);
  return place;
}

function openPlace(target: LambdaFunction, { clock, sessions, logs, endpoint, aheadMs }: EnvironmentParts): Place {
  const session = sessions.of(target.roleArn, target.name);
  const { modulePath, exportName } = entryOf(target.codeFolder, target.handler);
  const logStreamName = newLogStreamName(clock);
  const environment = openEnvironment({
    moduleUrl: pathToFileURL(modulePath).href,
    exportName,
    handler: target.handler,
    memoryMb: target.memoryMb,
    timeoutMs: target.timeoutSeconds * 1000,
    aheadMs,
    onLine: (line) => logs.write(target.name, line),
    variables: {
      ...target.variables,
      ...runtimeVariables(target, logStreamName),
      AWS_ENDPOINT_URL: endpoint(),
      AWS_ACCESS_KEY_ID: session.accessKeyId,
      AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
      AWS_SESSION_TOKEN: session.sessionToken,
    },
  });
  const { arn: functionArn, revision } = target;
  const { accessKeyId } = session;
  return { environment, functionArn, revision, accessKeyId, logStreamName, isBusy: false, idleSince: 0 };
}

function newLogStreamName(clock: Clock): string {
  const day = instantOf(clock.now()).slice(0, 10).replaceAll('-', '/');
  return `${day}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
}

function invocationOf(target: LambdaFunction, { logStreamName }: Place, requestId: string) {
  return {
    awsRequestId: requestId,
    functionName: target.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: target.arn,
    memoryLimitInMB: String(target.memoryMb),
    logGroupName: `/aws/lambda/${target.name}`,
    logStreamName,
  };
}
