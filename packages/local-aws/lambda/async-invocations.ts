/**
 * Asynchronous invocations: accepted into a row first, run when there is room, retried, reported when given up.
 *
 * The row goes only after the function succeeded or the failure was reported, so a kill at any moment repeats an
 * invocation rather than losing it, which is what AWS promises too: at least once.
 * Source of retries and waits: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation".
 */
import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../call';
import { instantOf } from '../clock';
import type { EngineDeps } from '../contracts';
import { dueHeap } from '../sqs/messages/due-heap';
import type { Destinations } from './destinations';
import type { Failure } from './environment';
import type { Fleet, Run } from './fleet';
import type { Functions, LambdaFunction } from './functions';

export interface AsyncInvocations {
  accept(target: LambdaFunction, event: Json): void;
  /** Starts what is due as far as there is room. */
  start(): void;
  /** Accepted and not yet ended, waits between retries included. */
  readonly pending: number;
}

interface Accepted {
  readonly requestId: string;
  readonly functionArn: string;
  readonly event: Json;
  readonly acceptedAt: number;
  readonly dueAt: number;
  /** How often the function itself failed. */
  readonly failures: number;
  /** How often Lambda failed to run it, since it last did. */
  readonly systemErrors: number;
}

/** One minute before the first retry, two before the second. */
const RETRY_MS = [60_000, 120_000] as const;
const RETRIES_MAX = 2;
const AGE_SECONDS_MAX = 21_600;
/** System errors and throttles: from one second, doubling, to five minutes. */
const SYSTEM_RETRY_MS_MIN = 1_000;
const SYSTEM_RETRY_MS_MAX = 300_000;

export function asyncInvocations(
  world: EngineDeps,
  parts: { readonly functions: Functions; readonly fleet: Fleet; readonly destinations: Destinations },
): AsyncInvocations {
  const { clock } = world;
  const rows = world.store.table<Accepted>('lambda-later');
  const waiting = dueHeap<string>();
  /** Due, and waiting only for a place to run, by function. */
  const ready = new Map<string, string[]>();
  for (const row of rows.values()) waiting.add(row.dueAt, row.requestId);

  const put = (row: Accepted) => {
    rows.set(row.requestId, row);
    waiting.add(row.dueAt, row.requestId);
  };

  const report = async (
    target: LambdaFunction,
    row: Accepted,
    failure: Failure | undefined,
    condition: 'RetriesExhausted' | 'EventAgeExceeded',
  ) => {
    const { onFailureArn } = target.asynchronous;
    if (onFailureArn)
      await parts.destinations.send(target, onFailureArn, recordOf(target, row, condition, failure, clock.now()));
    if (target.deadLetterArn)
      await parts.destinations.send(
        target,
        target.deadLetterArn,
        row.event as JsonObject,
        deadLetterAttributes(row, failure),
      );
    rows.delete(row.requestId);
  };

  const settle = async (target: LambdaFunction, row: Accepted, run: Run) => {
    if (!('failure' in run.answer)) {
      const { onSuccessArn } = target.asynchronous;
      if (onSuccessArn)
        await parts.destinations.send(target, onSuccessArn, successOf(target, row, run.answer.payload, clock.now()));
      rows.delete(row.requestId);
      return;
    }
    const next = run.isSystemError ? afterSystemError(row, clock.now()) : afterFailure(row, clock.now());
    const { retriesMax = RETRIES_MAX, ageSecondsMax = AGE_SECONDS_MAX } = target.asynchronous;
    if (next.failures > retriesMax) return report(target, next, run.answer.failure, 'RetriesExhausted');
    if (next.dueAt - row.acceptedAt > ageSecondsMax * 1000)
      return report(target, next, run.answer.failure, 'EventAgeExceeded');
    put(next);
  };

  /** Throttled events age out: a function that is switched off does not collect them for ever. */
  const isTooOld = (target: LambdaFunction, requestId: string | undefined) => {
    const { ageSecondsMax = AGE_SECONDS_MAX } = target.asynchronous;
    const acceptedAt = rows.get(requestId ?? '')?.acceptedAt ?? 0;
    return clock.now() - acceptedAt > ageSecondsMax * 1000;
  };

  const startOne = (target: LambdaFunction, ids: string[]) => {
    const row = rows.get(ids.shift() ?? '');
    if (row === undefined) return;
    if (isTooOld(target, row.requestId)) return void report(target, row, undefined, 'EventAgeExceeded');
    void parts.fleet.run(target, JSON.stringify(row.event), row.requestId).then((run) => settle(target, row, run));
  };

  return {
    accept(target, event) {
      const now = clock.now();
      put({
        requestId: randomUUID(),
        functionArn: target.arn,
        event,
        acceptedAt: now,
        dueAt: now,
        failures: 0,
        systemErrors: 0,
      });
    },
    start() {
      for (let due = waiting.takeDue(clock.now()); due; due = waiting.takeDue(clock.now())) {
        const functionArn = rows.get(due.thing)?.functionArn ?? '';
        const ids = ready.get(functionArn);
        if (ids) ids.push(due.thing);
        else ready.set(functionArn, [due.thing]);
      }
      for (const [functionArn, ids] of ready) {
        const target = parts.functions.get(functionArn);
        while (ids.length > 0 && (parts.fleet.hasRoom(target) || isTooOld(target, ids[0]))) startOne(target, ids);
        if (ids.length === 0) ready.delete(functionArn);
      }
    },
    get pending() {
      return rows.size;
    },
  };
}

function afterFailure(row: Accepted, now: number): Accepted {
  const waitMs = RETRY_MS[Math.min(row.failures, RETRY_MS.length - 1)] ?? 0;
  return { ...row, failures: row.failures + 1, systemErrors: 0, dueAt: now + waitMs };
}

function afterSystemError(row: Accepted, now: number): Accepted {
  const waitMs = Math.min(SYSTEM_RETRY_MS_MAX, SYSTEM_RETRY_MS_MIN * 2 ** row.systemErrors);
  return { ...row, systemErrors: row.systemErrors + 1, dueAt: now + waitMs };
}

/** Source of both shapes: Lambda developer guide, "Capturing records of Lambda asynchronous invocations". */
function recordOf(
  target: LambdaFunction,
  row: Accepted,
  condition: string,
  failure: Failure | undefined,
  now: number,
): JsonObject {
  return {
    version: '1.0',
    timestamp: instantOf(now),
    requestContext: {
      requestId: row.requestId,
      functionArn: `${target.arn}:$LATEST`,
      condition,
      approximateInvokeCount: row.failures,
    },
    requestPayload: row.event,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', ...(failure && { functionError: 'Unhandled' }) },
    ...(failure && { responsePayload: { ...failure } }),
  };
}

function successOf(target: LambdaFunction, row: Accepted, payload: string, now: number): JsonObject {
  const record = recordOf(target, { ...row, failures: row.failures + 1 }, 'Success', undefined, now);
  return { ...record, responsePayload: JSON.parse(payload) as Json };
}

/** Source: Lambda developer guide, "Adding a dead-letter queue": the event as it came, the error in three attributes. */
function deadLetterAttributes(row: Accepted, failure: Failure | undefined): JsonObject {
  return {
    RequestID: { DataType: 'String', StringValue: row.requestId },
    ErrorCode: { DataType: 'Number', StringValue: '200' },
    ErrorMessage: { DataType: 'String', StringValue: (failure?.errorMessage ?? '').slice(0, 1024) || 'unknown' },
  };
}
