/**
 * Feeds functions from the streams of tables.
 *
 * Records of one stream reach a function in order, one batch at a time; ParallelizationFactor is taken as 1, which keeps
 * every promise of a larger one. A batch that fails is retried before any later record is read. The position is kept
 * only after a batch ended, so after a kill records come again rather than not at all.
 */
import type { Clock } from '../clock';
import type { EngineDeps, TableStreams } from '../contracts';
import type { Table } from '../store';
import type { Destinations } from './destinations';
import type { Filters } from './filter';
import type { Fleet, Run } from './fleet';
import type { Functions, LambdaFunction } from './functions';
import type { Mapping } from './mappings';
import { discarded, isSpent, RETRY_MS_MIN, recordOf, remainder, retryMs, type Slice } from './stream-batch';

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

/**
 * AWS polls each shard four times a second. Source: Lambda developer guide, "Using Lambda with Amazon DynamoDB". A stream
 * that just moved is asked sooner here: people watch.
 */
const POLL_MS_MIN = 10;
const POLL_MS_MAX = 250;

/** Bounds of skipping what was written before: more than any table's stream holds here. */
const SKIPPED_PAGES_MAX = 10_000;
const SKIPPED_RECORDS_A_PAGE = 1_000;

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

interface Parts {
  readonly streams: TableStreams;
  readonly functions: Functions;
  readonly fleet: Fleet;
  readonly filters: Filters;
  readonly destinations: Destinations;
}

interface Source extends Parts {
  readonly clock: Clock;
  /** Kept: what comes before was dealt with. */
  readonly positions: Table<{ readonly position: string }>;
  readonly progresses: Map<string, Progress>;
}

export function streamSource({ clock, store }: EngineDeps, parts: Parts): StreamSource {
  const source: Source = {
    ...parts,
    clock,
    positions: store.table('lambda-stream-positions'),
    progresses: new Map(),
  };
  return {
    advance: (mapping) => advance(source, mapping),
    wake: () => wake(source),
    skipToEnd: (mapping) => skipToEnd(source, mapping),
    async isDrained(mapping) {
      const progress = progressOf(source, mapping);
      if (progress.isAtWork || progress.slices.length > 0) return false;
      const { records } = await parts.streams.read(mapping.sourceArn, progress.position, 1);
      return records.length === 0;
    },
    get busy() {
      return [...source.progresses.values()].filter(({ slices }) => slices.length > 0).length;
    },
  };
}

function advance(source: Source, mapping: Mapping): void {
  const { clock, fleet, functions } = source;
  const target = functions.get(mapping.functionArn);
  const progress = progressOf(source, mapping);
  const notBefore = progress.slices.length > 0 ? progress.retryAt : progress.readAt;
  if (progress.isAtWork || clock.now() < notBefore || !fleet.hasRoom(target)) return;
  progress.isAtWork = true;
  void work(source, mapping, target, progress)
    .catch(() => {
      // The table's engine is not there: asked again, as a poller would.
      progress.readAt = clock.now() + RETRY_MS_MIN;
    })
    .finally(() => {
      progress.isAtWork = false;
    });
}

async function work(source: Source, mapping: Mapping, target: LambdaFunction, progress: Progress): Promise<void> {
  if (progress.slices.length === 0) await readBatch(source, mapping, progress);
  if (progress.slices.length > 0) await runSlice(source, mapping, target, progress);
}

/** Reads a batch into the progress, unless it is empty or may still grow. */
async function readBatch(source: Source, mapping: Mapping, progress: Progress): Promise<void> {
  const from = progress.position;
  const { records, position = from } = await source.streams.read(mapping.sourceArn, from, mapping.batchSize);
  const now = source.clock.now();
  if (records.length === 0) {
    progress.position = position;
    progress.readAt = now + progress.pollMs;
    progress.pollMs = Math.min(POLL_MS_MAX, progress.pollMs * 2);
    return;
  }
  progress.pollMs = POLL_MS_MIN;
  progress.firstSeenAt ??= now;
  if (records.length < mapping.batchSize && now - progress.firstSeenAt < mapping.windowSeconds * 1000) {
    progress.readAt = now + POLL_MS_MAX;
    return;
  }
  progress.firstSeenAt = undefined;
  progress.position = position;
  const [wanted] = source.filters.split(mapping, records, recordOf(mapping));
  if (wanted.length > 0) progress.slices = [{ records: wanted, readAt: now, failures: 0 }];
  else keepPosition(source, mapping, position);
}

/** Runs the first slice, and replaces it by what has to be tried again. */
async function runSlice(source: Source, mapping: Mapping, target: LambdaFunction, progress: Progress): Promise<void> {
  const { clock, fleet } = source;
  const [slice, ...rest] = progress.slices;
  if (slice === undefined) return;
  const run = await fleet.run(target, JSON.stringify({ Records: slice.records.map(recordOf(mapping)) }));
  const again = remainder(mapping, slice, run);
  const [first] = again;
  if (first !== undefined && isSpent(mapping, first, clock.now())) {
    await reportDiscarded(source, mapping, target, first, run);
    progress.slices = [...again.slice(1), ...rest];
  } else {
    progress.slices = [...again, ...rest];
    if (first !== undefined) progress.retryAt = clock.now() + retryMs(first.failures);
  }
  if (progress.slices.length === 0) keepPosition(source, mapping, progress.position);
}

async function reportDiscarded(
  { clock, destinations }: Source,
  mapping: Mapping,
  target: LambdaFunction,
  slice: Slice,
  run: Run,
): Promise<void> {
  if (mapping.onFailureArn === undefined) return;
  await destinations.send(target, mapping.onFailureArn, discarded(mapping, target, slice, run, clock.now()));
}

function wake({ progresses }: Source): void {
  for (const progress of progresses.values()) {
    if (progress.firstSeenAt === undefined) progress.readAt = 0;
    progress.pollMs = POLL_MS_MIN;
  }
}

async function skipToEnd(source: Source, mapping: Mapping): Promise<void> {
  const progress = progressOf(source, mapping);
  let { position } = progress;
  for (let page = 0; page < SKIPPED_PAGES_MAX; page += 1) {
    const read = await source.streams.read(mapping.sourceArn, position, SKIPPED_RECORDS_A_PAGE);
    position = read.position ?? position;
    if (read.records.length === 0) break;
  }
  progress.position = position;
  keepPosition(source, mapping, position);
}

function progressOf({ positions, progresses }: Source, { id }: Mapping): Progress {
  const progress = progresses.get(id) ?? {
    isAtWork: false,
    slices: [],
    position: positions.get(id)?.position,
    firstSeenAt: undefined,
    retryAt: 0,
    readAt: 0,
    pollMs: POLL_MS_MIN,
  };
  progresses.set(id, progress);
  return progress;
}

function keepPosition({ positions }: Source, { id }: Mapping, position: string | undefined): void {
  if (position !== undefined && positions.get(id)?.position !== position) positions.set(id, { position });
}
