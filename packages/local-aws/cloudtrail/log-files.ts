/**
 * Log files: records are gathered for a while, then written to the account's bucket as one gzip file a region.
 *
 * A record waits in the store until its file is written. A kill between the two writes it once more, with the same
 * eventID, as AWS says that it may happen.
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { EngineDeps, Objects, Ticking } from '../contracts';
import type { Digests } from './digests';
import { toTheSecond } from './identity';
import type { TrailRecord } from './records';
import { homeRegion, logFileKey, type TrailScope, trailBucket } from './trail-bucket';

/** AWS takes about five minutes; somebody who looks at a machine of their own should not have to wait so long. */
const DELIVER_AFTER_MS = 15_000;
/** Keeps a file far below CloudTrail's 50 MB. Source: CloudTrail User Guide, "Quotas". */
const RECORDS_A_FILE_MAX = 10_000;

export function logFiles(
  { store, clock }: Pick<EngineDeps, 'store' | 'clock'>,
  parts: { readonly objects: Objects; readonly digests: Pick<Digests, 'add'> },
  { deliverAfterMs = DELIVER_AFTER_MS }: { readonly deliverAfterMs?: number },
): Ticking & { add(record: TrailRecord): void } {
  const waiting = store.table<TrailRecord>('cloudtrail.waiting');
  let dueAt = waiting.size > 0 ? clock.now() : Number.POSITIVE_INFINITY;

  const write = (scope: TrailScope, records: readonly TrailRecord[]) => {
    homeRegion(store, parts.objects, scope);
    const content = Buffer.from(JSON.stringify({ Records: records }));
    const object = logFileKey(scope, clock.now());
    parts.objects.put(trailBucket(scope.accountId), object, gzipSync(content));
    const times = records.map(({ eventTime }) => eventTime).sort();
    parts.digests.add({
      ...scope,
      object,
      hash: createHash('sha256').update(content).digest('hex'),
      oldestEventTime: times[0] ?? toTheSecond(clock.now()),
      newestEventTime: times.at(-1) ?? toTheSecond(clock.now()),
    });
    for (const { eventID } of records) waiting.delete(eventID);
  };

  return {
    add(record) {
      waiting.set(record.eventID, record);
      if (dueAt === Number.POSITIVE_INFINITY) dueAt = clock.now() + deliverAfterMs;
    },
    tick() {
      if (clock.now() < dueAt) return;
      dueAt = Number.POSITIVE_INFINITY;
      store.together(() => {
        for (const [scope, records] of byScope(waiting.values())) {
          for (const file of slices(records, RECORDS_A_FILE_MAX)) write(scope, file);
        }
      });
    },
  };
}

function byScope(records: Iterable<TrailRecord>): Iterable<readonly [TrailScope, readonly TrailRecord[]]> {
  const groups = new Map<string, [TrailScope, TrailRecord[]]>();
  for (const record of records) {
    const scope = { accountId: record.recipientAccountId, region: record.awsRegion };
    const name = `${scope.accountId} ${scope.region}`;
    const group = groups.get(name) ?? [scope, []];
    group[1].push(record);
    groups.set(name, group);
  }
  return groups.values();
}

function slices<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
