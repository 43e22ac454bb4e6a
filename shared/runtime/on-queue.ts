/**
 * The stack of every function that a queue wakes.
 *
 * Each message stands alone. One that succeeds is done. One whose error may pass by itself is given back to the queue
 * and tried again. One that cannot succeed is parked with its reason among the function's dead letters. An error that
 * nobody foresaw counts as one that may pass: a bug is retried and alarmed, never parked as if it were known.
 */
import {
  BatchProcessor,
  EventType,
  processPartialResponse,
  SqsFifoPartialProcessorAsync,
} from '@aws-lambda-powertools/batch';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { isObject } from '../../events/cloudtrail-shape';
import { ContractViolation, type EventContract, readWith } from '../../events/define-event';
import { wholeNumber } from '../../events/fields';
import { KeywrightError } from '../domain/errors';
import { faultOfOthers } from '../domain/keys/believed-account';
import { defined } from '../domain/optional-fields';
import { storedFact } from '../domain/outbox/stored-fact';
import type { ControlStore, Park } from '../domain/ports';
import { recentlySeen } from '../domain/recently-seen';
import type { Basics } from './basics';

export type QueuePorts = Pick<Basics, 'clock' | 'log' | 'metrics'> & { readonly park: Park };

/** What is done with one kind of message. */
export interface Route {
  readonly detailType: string;
  run(envelope: Envelope): Promise<unknown>;
}

/** A message as EventBridge, the scheduler or this product itself puts it on a queue. */
export interface Envelope {
  readonly 'detail-type': string;
  readonly detail: unknown;
  readonly account?: string;
  readonly time?: string;
}

/** Runs for each event that AWS makes, with the account whose word it is. What another account sends that is none is left out. */
export const onEvent = <Detail>(
  contract: Pick<EventContract<Detail>, 'detailType' | 'read'>,
  run: (detail: Detail, account: string) => Promise<unknown>,
  { ownAccountId }: { readonly ownAccountId: string },
): Route => ({
  detailType: contract.detailType,
  async run({ detail, account }) {
    try {
      return await run(contract.read(detail), account ?? '');
    } catch (error) {
      const reason = faultOfOthers(error, account, ownAccountId);
      if (reason === undefined) throw error;
      return { outcome: 'ignored', reason };
    }
  },
});

/** Runs for each fact of ours, with what the outbox says: see `storedFact`. */
export const onFact = <Detail>(
  contract: Pick<EventContract<Detail>, 'detailType' | 'read'>,
  run: (detail: Detail) => Promise<unknown>,
  { control }: { readonly control: Pick<ControlStore, 'fact'> },
): Route => ({
  detailType: contract.detailType,
  run: async ({ detail, 'detail-type': detailType }) =>
    run(contract.read((await storedFact({ detailType, detail }, control)).detail)),
});

/** Runs whenever the function's schedule says so: for the part of its work that the schedule names, if it names one. */
export const onSchedule = (run: (part?: number) => Promise<unknown>): Route => ({
  detailType: 'schedule',
  run: ({ detail }) => run(readWith(SCHEDULED, 'detail', detail).part),
});

const SCHEDULED = z.object({ part: z.optional(wholeNumber) });

/** A queue whose messages are told apart by `detail-type`. A message of no known kind is parked. */
export function onQueue(routes: readonly Route[], ports: QueuePorts) {
  const byType = new Map(routes.map((route) => [route.detailType, route]));
  return onMessages(async (body) => {
    const envelope = envelopeOf(body);
    const route = byType.get(envelope['detail-type']);
    if (!route) throw new ContractViolation('detail-type', `nothing here reads ${envelope['detail-type']}`);
    return route.run(envelope);
  }, ports);
}

/** A queue of plain JSON messages; `fifo`: what fails is waited for by those behind it in its own group, and nobody else. */
export function onMessages(
  run: (body: unknown) => Promise<unknown>,
  ports: QueuePorts,
  options: { readonly fifo?: boolean } = {},
) {
  const loud = onceInAWhile(ports);
  const attempt = (record: SQSRecord) => attemptMessage(record, run, ports, loud);
  return middy<SQSEvent, SQSBatchResponse>(async (event: SQSEvent) =>
    options.fifo
      ? processPartialResponse(event, attempt, new SqsFifoPartialProcessorAsync(), {
          throwOnFullBatchFailure: false,
          skipGroupOnError: true,
        })
      : processPartialResponse(event, attempt, new BatchProcessor(EventType.SQS), { throwOnFullBatchFailure: false }),
  ).use(logMetrics(ports.metrics));
}

/** A message as it came: the same JSON twice, read and as text. */
export interface ReceivedBody {
  readonly value: unknown;
  readonly text: string;
}

/** How one message of a batch ended. */
export type BatchOutcome =
  | { readonly outcome: string }
  | { readonly outcome: 'ignored'; readonly reason: string }
  | { readonly outcome: 'failed'; readonly error: unknown };

/**
 * A queue of plain JSON messages that are worked together, where that saves work. Each still ends by itself.
 *
 * @param run Gives an outcome for each message, in their order.
 */
export function onBatch(run: (bodies: readonly ReceivedBody[]) => Promise<readonly BatchOutcome[]>, ports: QueuePorts) {
  const loud = onceInAWhile(ports);
  return middy<SQSEvent, SQSBatchResponse>(async (event: SQSEvent) => {
    const bodies = event.Records.map((record) => readable(record.body));
    const outcomes = await outcomesOf(
      bodies.flatMap((body) => ('error' in body ? [] : [body])),
      run,
    );
    const inOrder = outcomes.values();
    const ended = new Map(
      event.Records.map((record, at) => {
        const body = bodies[at];
        return [record.messageId, body && 'error' in body ? { outcome: 'failed', ...body } : inOrder.next().value];
      }),
    );
    const attempt = (record: SQSRecord) =>
      attemptMessage(record, async () => settle(ended.get(record.messageId)), ports, loud);
    return processPartialResponse(event, attempt, new BatchProcessor(EventType.SQS), {
      throwOnFullBatchFailure: false,
    });
  }).use(logMetrics(ports.metrics));
}

/** One that breaks the work on all of them is looked for by halves: the others go on. */
async function outcomesOf(
  bodies: readonly ReceivedBody[],
  run: (bodies: readonly ReceivedBody[]) => Promise<readonly BatchOutcome[]>,
): Promise<readonly BatchOutcome[]> {
  try {
    return await run(bodies);
  } catch (error) {
    const failsForAll = error instanceof KeywrightError && error.retry;
    if (failsForAll || bodies.length <= 1) return bodies.map(() => ({ outcome: 'failed', error }));
    const middle = Math.ceil(bodies.length / 2);
    return [...(await outcomesOf(bodies.slice(0, middle), run)), ...(await outcomesOf(bodies.slice(middle), run))];
  }
}

function settle(outcome: BatchOutcome | undefined): unknown {
  if (outcome && 'error' in outcome) throw outcome.error;
  return outcome;
}

function readable(text: string): ReceivedBody | { readonly error: unknown } {
  try {
    return { value: jsonOf(text), text };
  } catch (error) {
    return { error };
  }
}

/** Reasons that are told apart. */
const REASONS_MAX = 100;
const WHILE_MS = 60_000;

/** Whether a code has been told lately: two hundred events with one fault are one error in the log, and all of them are counted. */
function onceInAWhile({ clock }: QueuePorts): (code: string) => boolean {
  const wasTold = recentlySeen(REASONS_MAX, WHILE_MS);
  return (code) => !wasTold(code, Date.parse(clock.now()));
}

async function attemptMessage(
  record: SQSRecord,
  run: (body: unknown) => Promise<unknown>,
  ports: QueuePorts,
  isLoud: (code: string) => boolean,
) {
  const { log, metrics, park } = ports;
  const messageId = record.messageId;
  try {
    const reason = reasonIgnored(await run(jsonOf(record.body)));
    const ended = reason === undefined ? 'handled' : 'ignored';
    metrics.addMetric(ended, MetricUnit.Count, 1);
    log.info(ended, { messageId, ...defined({ reason }) });
  } catch (error) {
    if (mayPassOnRetry(error)) {
      metrics.addMetric('retried', MetricUnit.Count, 1);
      log.warn('will be tried again', { messageId, ...describe(error) });
      throw error;
    }
    const reason = describe(error);
    await park.park(record.body, reason, record.attributes.MessageGroupId);
    metrics.addMetric('parked', MetricUnit.Count, 1);
    log[isLoud(reason.code) ? 'error' : 'warn']('parked', { messageId, ...reason });
  }
}

/** Why nothing follows from a message, where the run says so: what is left out is counted and logged as that. */
function reasonIgnored(ended: unknown): string | undefined {
  if (ended === 'ignored') return 'nothing follows from it here';
  if (!isObject(ended) || ended['outcome'] !== 'ignored') return undefined;
  return String(ended['reason']);
}

/** Whether the same work may succeed later: a bug counts as one that may. */
export function mayPassOnRetry(error: unknown): boolean {
  if (error instanceof KeywrightError) return error.retry;
  return !(error instanceof ContractViolation);
}

/** An error as fields of a log line or a dead letter. */
export function describe(error: unknown) {
  if (error instanceof KeywrightError) return { code: error.code, reason: error.message, ...error.details };
  if (error instanceof ContractViolation) return { code: 'contract.violated', reason: error.message };
  if (error instanceof Error) return { code: 'unforeseen', reason: error.message, stack: error.stack };
  return { code: 'unforeseen', reason: String(error) };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new ContractViolation('body', 'is not JSON', { cause });
  }
}

function envelopeOf(body: unknown): Envelope {
  if (typeof body === 'object' && body !== null && 'detail-type' in body && typeof body['detail-type'] === 'string') {
    return body as Envelope;
  }
  throw new ContractViolation('detail-type', 'is missing');
}
