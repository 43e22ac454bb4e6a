/**
 * Feeds functions from the streams of tables.
 *
 * Records of one stream reach a function in order, one batch at a time; ParallelizationFactor is taken as 1, which keeps
 * every promise of a larger one. A batch that fails is retried before any later record is read. The position is kept
 * only after a batch ended, so after a kill records come again rather than not at all.
 * Source of retries, splitting and reports: Lambda developer guide, "Retain discarded records for a DynamoDB event source".
 */
import type { JsonObject } from '../call';
import { instantOf } from '../clock';
import type { EngineDeps, StreamRecord, TableStreams } from '../contracts';
import { failedIds } from './batch-answer';
import type { Destinations } from './destinations';
import type { Filters } from './filter';
import type { Fleet, Run } from './fleet';
import type { Functions, LambdaFunction } from './functions';
import type { Mapping } from './mappings';

export interface StreamSource {
  /** Reads and runs what there is, in the background; does nothing while the mapping is already at work. */
  advance(mapping: Mapping): void;
  /** Something was written: every stream is read at the next chance. */
  wake(): void;
  /** Where reading begins when a new mapping asks for LATEST: behind everything written so far. */
  skipToEnd(mapping: Mapping): Promise<void>;
  /** Whether every record of the stream has been dealt with. */
  isDrained(mapping: Mapping): Promise<boolean>;
  readonly busy: number;
}

/** How long after a failure a batch is tried again: AWS names no figure; this doubles from the first to the second. */
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 60_000;

/**
 * AWS polls each shard four times a second. Source: Lambda developer guide, "Using Lambda with Amazon DynamoDB". A stream
 * that just moved is asked sooner here: people watch.
 */
const POLL_MS_MIN = 10;
const POLL_MS_MAX = 250;

interface Progress {
  isAtWork: boolean;
  /** What is left of the batch that was read, in order: one slice a call of the function. */
  slices: readonly Slice[];
  /** The position behind the batch that was read. */
  position: string | undefined;
  /** When the first record of a batch that is still too small was seen. */
  firstSeenAt: number | undefined;
  /** A failed batch is not tried again before. */
  retryAt: number;
  /** The stream is not read again before. */
  readAt: number;
  pollMs: number;
}

interface Slice {
  readonly records: readonly StreamRecord[];
  /** When its records were read: their age counts from here. What they say themselves is by the machine's clock. */
  readonly readAt: number;
  /** How often this slice, or the one it was cut from, failed. */
  readonly failures: number;
}

export function streamSource(
  world: EngineDeps,
  parts: {
    readonly streams: TableStreams;
    readonly functions: Functions;
    readonly fleet: Fleet;
    readonly filters: Filters;
    readonly destinations: Destinations;
  },
): StreamSource {
  const { clock } = world;
  const positions = world.store.table<{ readonly position: string }>('lambda-stream-positions');
  const progresses = new Map<string, Progress>();

  const progressOf = (mapping: Mapping): Progress => {
    const fresh = () => ({
      isAtWork: false,
      slices: [],
      position: positions.get(mapping.id)?.position,
      firstSeenAt: undefined,
      retryAt: 0,
      readAt: 0,
      pollMs: POLL_MS_MIN,
    });
    const progress = progresses.get(mapping.id) ?? fresh();
    progresses.set(mapping.id, progress);
    return progress;
  };

  const keep = (mapping: Mapping, position: string | undefined) => {
    if (position !== undefined && positions.get(mapping.id)?.position !== position)
      positions.set(mapping.id, { position });
  };

  /** @returns whether there is something to run. */
  const read = async (mapping: Mapping, progress: Progress): Promise<boolean> => {
    const from = progress.position;
    const { records, position } = await parts.streams.read(mapping.sourceArn, from, mapping.batchSize);
    const now = clock.now();
    if (records.length === 0) {
      progress.position = position ?? from;
      progress.readAt = now + progress.pollMs;
      progress.pollMs = Math.min(POLL_MS_MAX, progress.pollMs * 2);
      return false;
    }
    progress.pollMs = POLL_MS_MIN;
    progress.firstSeenAt ??= now;
    if (records.length < mapping.batchSize && now - progress.firstSeenAt < mapping.windowSeconds * 1000) {
      progress.readAt = now + POLL_MS_MAX;
      return false;
    }
    progress.firstSeenAt = undefined;
    progress.position = position ?? from;
    const [wanted] = parts.filters.split(mapping, records, recordOf(mapping));
    if (wanted.length > 0) progress.slices = [{ records: wanted, readAt: now, failures: 0 }];
    else keep(mapping, progress.position);
    return wanted.length > 0;
  };

  /** Runs the first slice, and replaces it by what has to be tried again. */
  const runSlice = async (mapping: Mapping, target: LambdaFunction, progress: Progress) => {
    const [slice, ...rest] = progress.slices;
    if (slice === undefined) return;
    const run = await parts.fleet.run(target, JSON.stringify({ Records: slice.records.map(recordOf(mapping)) }));
    const again = remainder(mapping, slice, run);
    const [first] = again;
    if (first !== undefined && isSpent(mapping, first, clock.now())) {
      await report(mapping, target, first, run);
      progress.slices = [...again.slice(1), ...rest];
    } else {
      progress.slices = [...again, ...rest];
      if (first !== undefined) progress.retryAt = clock.now() + retryMs(first.failures);
    }
    if (progress.slices.length === 0) keep(mapping, progress.position);
  };

  const report = (mapping: Mapping, target: LambdaFunction, slice: Slice, run: Run) =>
    mapping.onFailureArn === undefined
      ? Promise.resolve()
      : parts.destinations.send(target, mapping.onFailureArn, discarded(mapping, target, slice, run, clock.now()));

  const work = async (mapping: Mapping, target: LambdaFunction, progress: Progress) => {
    const hasWork = progress.slices.length > 0 || (await read(mapping, progress));
    if (hasWork) await runSlice(mapping, target, progress);
  };

  return {
    advance(mapping) {
      const target = parts.functions.get(mapping.functionArn);
      const progress = progressOf(mapping);
      const notBefore = progress.slices.length > 0 ? progress.retryAt : progress.readAt;
      if (progress.isAtWork || clock.now() < notBefore || !parts.fleet.hasRoom(target)) return;
      progress.isAtWork = true;
      void work(mapping, target, progress)
        .catch(() => {
          // The table's engine is not there: asked again, as a poller would.
          progress.readAt = clock.now() + RETRY_MS_MIN;
        })
        .finally(() => {
          progress.isAtWork = false;
        });
    },
    wake() {
      for (const progress of progresses.values()) {
        if (progress.firstSeenAt === undefined) progress.readAt = 0;
        progress.pollMs = POLL_MS_MIN;
      }
    },
    async skipToEnd(mapping) {
      let position = progressOf(mapping).position;
      for (let page = 0; page < 10_000; page += 1) {
        const read = await parts.streams.read(mapping.sourceArn, position, 1_000);
        position = read.position ?? position;
        if (read.records.length === 0) break;
      }
      progressOf(mapping).position = position;
      keep(mapping, position);
    },
    async isDrained(mapping) {
      const progress = progressOf(mapping);
      if (progress.isAtWork || progress.slices.length > 0) return false;
      const { records } = await parts.streams.read(mapping.sourceArn, progress.position, 1);
      return records.length === 0;
    },
    get busy() {
      return [...progresses.values()].filter(({ slices }) => slices.length > 0).length;
    },
  };
}

/** What of a slice has to be tried again: nothing, the part from the first failure on, or the whole, perhaps in halves. */
function remainder(mapping: Mapping, slice: Slice, run: Run): readonly Slice[] {
  const ids = slice.records.map(({ dynamodb }) => dynamodb.SequenceNumber);
  const failed = failedIds(run.answer, ids, mapping.reportsFailures);
  if (failed.size === 0) return [];
  // Everything before the first failure is done; everything behind it comes again, to keep the order.
  const from = ids.findIndex((id) => failed.has(id));
  const records = slice.records.slice(from);
  // Progress begins the count anew, and cutting a batch in two is no retry.
  const isSplit = mapping.bisectsOnError && records.length > 1 && from === 0;
  if (!isSplit) return [{ ...slice, records, failures: from > 0 ? 1 : slice.failures + 1 }];
  const middle = Math.ceil(records.length / 2);
  return [records.slice(0, middle), records.slice(middle)].map((half) => ({ ...slice, records: half }));
}

function isSpent(mapping: Mapping, slice: Slice, now: number): boolean {
  if (mapping.retriesMax !== undefined && slice.failures > mapping.retriesMax) return true;
  return mapping.ageSecondsMax !== undefined && now - slice.readAt > mapping.ageSecondsMax * 1000;
}

function retryMs(failures: number): number {
  return Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** (failures - 1));
}

/** Source of the shape: Lambda developer guide, "Using Lambda with Amazon DynamoDB", example event. */
function recordOf(mapping: Mapping) {
  const awsRegion = mapping.sourceArn.split(':')[3] ?? '';
  return (record: StreamRecord): JsonObject => ({
    eventID: record.eventID,
    eventName: record.eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion,
    dynamodb: record.dynamodb,
    eventSourceARN: mapping.sourceArn,
  });
}

/** What was given up: where it stands in the stream, not the records themselves. Source: as above, "on-failure destination". */
function discarded(mapping: Mapping, target: LambdaFunction, slice: Slice, run: Run, now: number): JsonObject {
  const [first, last] = [slice.records[0], slice.records.at(-1)];
  const arrival = (record: StreamRecord | undefined) =>
    instantOf(Number(record?.dynamodb['ApproximateCreationDateTime'] ?? now / 1000) * 1000);
  return {
    requestContext: {
      requestId: run.requestId,
      functionArn: target.arn,
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: slice.failures,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: instantOf(now),
    DDBStreamBatchInfo: {
      shardId: 'shardId-00000000000000000000-local',
      startSequenceNumber: first?.dynamodb.SequenceNumber,
      endSequenceNumber: last?.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first),
      approximateArrivalOfLastRecord: arrival(last),
      batchSize: slice.records.length,
      streamArn: mapping.sourceArn,
    },
  };
}
