/**
 * Asynchronous invocations: accepted into a row first, run when there is room, retried, reported when given up.
 *
 * The row goes only after the function succeeded or the failure was reported, so a kill at any moment repeats an
 * invocation rather than losing it, which is what AWS promises too: at least once.
 * Source of retries and waits: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation".
 */
import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../call';
import { type Clock, instantOf } from '../clock';
import type { EngineDeps } from '../contracts';
import { type DueHeap, dueHeap } from '../sqs/messages/due-heap';
import type { Table } from '../store';
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

interface Parts {
  readonly functions: Functions;
  readonly fleet: Fleet;
  readonly destinations: Destinations;
}

interface Work extends Parts {
  readonly clock: Clock;
  readonly rows: Table<Accepted>;
  readonly waiting: DueHeap<string>;
  /** Due, and waiting only for a place to run, by function. */
  readonly ready: Map<string, string[]>;
}

export function asyncInvocations({ clock, store }: EngineDeps, parts: Parts): AsyncInvocations {
  const rows = store.table<Accepted>('lambda-later');
  const work: Work = { ...parts, clock, rows, waiting: dueHeap(), ready: new Map() };
  for (const row of rows.values()) work.waiting.add(row.dueAt, row.requestId);
  return {
    accept(target, event) {
      const now = clock.now();
      const requestId = randomUUID();
      put(work, {
        requestId,
        functionArn: target.arn,
        event,
        acceptedAt: now,
        dueAt: now,
        failures: 0,
        systemErrors: 0,
      });
    },
    start() {
      collectDue(work);
      for (const [functionArn, ids] of work.ready) startReady(work, functionArn, ids);
    },
    get pending() {
      return rows.size;
    },
  };
}

function put({ rows, waiting }: Work, row: Accepted): void {
  rows.set(row.requestId, row);
  waiting.add(row.dueAt, row.requestId);
}

function collectDue({ clock, rows, waiting, ready }: Work): void {
  for (let due = waiting.takeDue(clock.now()); due; due = waiting.takeDue(clock.now())) {
    const functionArn = rows.get(due.thing)?.functionArn ?? '';
    const ids = ready.get(functionArn);
    if (ids) ids.push(due.thing);
    else ready.set(functionArn, [due.thing]);
  }
}

function startReady(work: Work, functionArn: string, ids: string[]): void {
  const target = work.functions.get(functionArn);
  while (ids.length > 0 && (work.fleet.hasRoom(target) || isTooOld(work, target, ids[0]))) startOne(work, target, ids);
  if (ids.length === 0) work.ready.delete(functionArn);
}

/** Throttled events age out: a function that is switched off does not collect them for ever. */
function isTooOld({ clock, rows }: Work, target: LambdaFunction, requestId: string | undefined): boolean {
  const { ageSecondsMax = AGE_SECONDS_MAX } = target.asynchronous;
  const acceptedAt = rows.get(requestId ?? '')?.acceptedAt ?? 0;
  return clock.now() - acceptedAt > ageSecondsMax * 1000;
}

function startOne(work: Work, target: LambdaFunction, ids: string[]): void {
  const row = work.rows.get(ids.shift() ?? '');
  if (row === undefined) return;
  if (isTooOld(work, target, row.requestId)) return void giveUp(work, target, row, undefined, 'EventAgeExceeded');
  void work.fleet.run(target, JSON.stringify(row.event), row.requestId).then((run) => settle(work, target, row, run));
}

async function settle(work: Work, target: LambdaFunction, row: Accepted, run: Run): Promise<void> {
  const now = work.clock.now();
  if (!('failure' in run.answer)) return succeed(work, target, row, run.answer.payload);
  const next = run.isSystemError ? afterSystemError(row, now) : afterFailure(row, now);
  const { retriesMax = RETRIES_MAX, ageSecondsMax = AGE_SECONDS_MAX } = target.asynchronous;
  if (next.failures > retriesMax) return giveUp(work, target, next, run.answer.failure, 'RetriesExhausted');
  const isPastAge = next.dueAt - row.acceptedAt > ageSecondsMax * 1000;
  if (isPastAge) return giveUp(work, target, next, run.answer.failure, 'EventAgeExceeded');
  put(work, next);
}

async function succeed(work: Work, target: LambdaFunction, row: Accepted, payload: string): Promise<void> {
  const { onSuccessArn } = target.asynchronous;
  if (onSuccessArn) {
    await work.destinations.send(target, onSuccessArn, successOf(target, row, payload, work.clock.now()));
  }
  work.rows.delete(row.requestId);
}

async function giveUp(
  { clock, rows, destinations }: Work,
  target: LambdaFunction,
  row: Accepted,
  failure: Failure | undefined,
  condition: 'RetriesExhausted' | 'EventAgeExceeded',
): Promise<void> {
  const { onFailureArn } = target.asynchronous;
  const { deadLetterArn } = target;
  if (onFailureArn) {
    await destinations.send(target, onFailureArn, recordOf(target, row, condition, failure, clock.now()));
  }
  if (deadLetterArn) {
    await destinations.send(target, deadLetterArn, row.event as JsonObject, deadLetterAttributes(row, failure));
  }
  rows.delete(row.requestId);
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
