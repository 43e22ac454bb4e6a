/**
 * The streams of tables, read by position.
 *
 * A position is a shard and the last sequence number read there. It holds across a restart of the engine, and asking
 * with it again gives the same records again: at least once, nothing left out. The engines that local AWS runs on write
 * one shard at a time, so shards are read one after the other, in the order in which the stream lists them.
 */
import { createHash } from 'node:crypto';
import { AwsError, type JsonObject } from '../call';
import type { StreamRecord, TableStreams } from '../contracts';
import type { Upstream } from './upstream';

const TARGET = 'DynamoDBStreams_20120810';

interface Place {
  readonly shardId: string;
  /** None: from the beginning of the shard. */
  readonly sequenceNumber?: string;
}

/** Iterators that no longer serve: the records after the position are asked for with a new one. */
const STALE = ['ExpiredIteratorException', 'TrimmedDataAccessException'];

export function tableStreams(engine: Upstream): TableStreams {
  /** Stream ARN -> where its last read ended, so that the next one from there needs no new iterator. */
  const open = new Map<string, { readonly position: string; readonly iterator: string }>();

  const read = async (streamArn: string, after: string | undefined, max: number) => {
    const place = after === undefined ? await shardAfter(engine, streamArn, undefined) : placeOf(after);
    if (place === undefined) return { records: [], position: after };

    const known = open.get(streamArn);
    const iterator = known && known.position === after ? known.iterator : await iteratorAt(engine, streamArn, place);
    open.delete(streamArn);
    const answer = await engine.ask(`${TARGET}.GetRecords`, { ShardIterator: iterator, Limit: max });
    const records = (answer['Records'] ?? []) as unknown as readonly StreamRecord[];
    const last = records.at(-1)?.dynamodb.SequenceNumber;
    const reached = last === undefined ? place : { shardId: place.shardId, sequenceNumber: last };

    const next = answer['NextShardIterator'];
    const following = typeof next === 'string' ? undefined : await shardAfter(engine, streamArn, place.shardId);
    const position = positionOf(following ?? reached);
    if (typeof next === 'string') open.set(streamArn, { position, iterator: next });
    return { records: records.map((record) => named(streamArn, record)), position };
  };

  return {
    async read(streamArn, after, max) {
      try {
        return await read(streamArn, after, max);
      } catch (error) {
        open.delete(streamArn);
        if (!(error instanceof AwsError) || !STALE.includes(error.code)) throw error;
        return read(streamArn, after, max);
      }
    },
  };
}

function positionOf({ shardId, sequenceNumber = '' }: Place): string {
  return `${shardId} ${sequenceNumber}`;
}

function placeOf(position: string): Place {
  const [shardId = '', sequenceNumber] = position.split(' ');
  return sequenceNumber ? { shardId, sequenceNumber } : { shardId };
}

async function iteratorAt(engine: Upstream, StreamArn: string, { shardId, sequenceNumber }: Place): Promise<string> {
  const where = sequenceNumber
    ? { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: sequenceNumber }
    : { ShardIteratorType: 'TRIM_HORIZON' };
  const { ShardIterator } = await engine.ask(`${TARGET}.GetShardIterator`, { StreamArn, ShardId: shardId, ...where });
  return String(ShardIterator);
}

/** The first shard of a stream, or the one that follows another; undefined when there is none (yet). */
async function shardAfter(
  engine: Upstream,
  StreamArn: string,
  shardId: string | undefined,
): Promise<Place | undefined> {
  const { StreamDescription } = await engine.ask(`${TARGET}.DescribeStream`, { StreamArn });
  const shards = ((StreamDescription as JsonObject)['Shards'] ?? []) as unknown as readonly { ShardId: string }[];
  const index = shards.findIndex(({ ShardId }) => ShardId === shardId) + 1;
  const next = shards[shardId === undefined ? 0 : index];
  return next && next.ShardId !== shardId ? { shardId: next.ShardId } : undefined;
}

/** dynoxide numbers the records of each table from 1: the id that says which record it is names the stream as well. */
function named(streamArn: string, { eventName, dynamodb }: StreamRecord): StreamRecord {
  const eventID = createHash('md5').update(`${streamArn} ${dynamodb.SequenceNumber}`).digest('hex');
  return { eventID, eventName, dynamodb };
}
