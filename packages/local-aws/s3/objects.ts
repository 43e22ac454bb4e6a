/**
 * The objects of all buckets: the current version of each key, and the versions before it where a bucket keeps them.
 *
 * A delete in a bucket that keeps versions puts a marker on top; a delete of one version takes it away for good, unless
 * Object Lock holds it.
 */
import { randomUUID } from 'node:crypto';
import type { EngineDeps } from '../contracts';
import type { Bodies } from './bodies';
import type { Bucket } from './buckets';

export interface ObjectVersion {
  readonly key: string;
  /** `null`, as S3 calls the only version in a bucket that keeps none. */
  readonly versionId: string;
  readonly modifiedAt: number;
  /** MD5 of the bytes, in quotes. */
  readonly etag: string;
  readonly sizeBytes: number;
  /** What GetObject answers with: content headers, metadata, checksum. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent in a delete marker. */
  readonly bodyId?: string;
  readonly heldUntil?: number;
}

export interface ObjectBook {
  /** The current version; a delete marker counts as none. */
  current(bucket: Bucket, key: string): ObjectVersion | undefined;
  version(bucket: Bucket, key: string, versionId: string): ObjectVersion | undefined;
  put(
    bucket: Bucket,
    object: Omit<ObjectVersion, 'versionId' | 'modifiedAt' | 'bodyId'>,
    bytes: Uint8Array,
  ): ObjectVersion;
  /** Deletes as a request without a version does. @returns the delete marker, where the bucket keeps versions. */
  delete(bucket: Bucket, key: string): ObjectVersion | undefined;
  deleteVersion(bucket: Bucket, version: ObjectVersion): void;
  read(object: ObjectVersion): Uint8Array;
  /** Current objects by key; markers left out. */
  list(bucket: Bucket): readonly ObjectVersion[];
  /** Every version and marker by key, the newest of a key first. */
  listVersions(bucket: Bucket): readonly (ObjectVersion & { readonly isLatest: boolean })[];
}

export function objectBook({ store, clock }: EngineDeps, bodies: Bodies, buckets: () => Iterable<Bucket>): ObjectBook {
  const currentOf = (bucket: Bucket) => store.table<ObjectVersion>(`s3/objects/${bucket.name}`);
  const olderOf = (bucket: Bucket) => store.table<ObjectVersion>(`s3/older/${bucket.name}`);
  sweepBodies();

  function sweepBodies() {
    const referred = new Set<string | undefined>();
    for (const bucket of buckets()) {
      for (const table of [currentOf(bucket), olderOf(bucket)]) {
        for (const { bodyId } of table.values()) referred.add(bodyId);
      }
    }
    bodies.sweep((id) => referred.has(id));
  }

  /** Makes a version the current one; the one before it is kept or goes, as the bucket has it. */
  function place(bucket: Bucket, version: ObjectVersion) {
    const before = currentOf(bucket).get(version.key);
    store.together(() => {
      if (before !== undefined && before.versionId !== version.versionId) {
        olderOf(bucket).set(idOf(before), before);
      }
      currentOf(bucket).set(version.key, version);
    });
    if (before?.versionId === version.versionId) dropBody(before);
  }

  function dropBody({ bodyId }: ObjectVersion) {
    if (bodyId !== undefined) bodies.delete(bodyId);
  }

  function newVersionId({ versioning }: Bucket): string {
    return versioning === 'Enabled' ? randomUUID().replaceAll('-', '') : 'null';
  }

  const olderVersions = (bucket: Bucket, key: string) =>
    [...olderOf(bucket).values()]
      .filter((version) => version.key === key)
      .reverse()
      .sort(newestFirst);

  return {
    current(bucket, key) {
      const version = currentOf(bucket).get(key);
      return version?.bodyId === undefined ? undefined : version;
    },
    version(bucket, key, versionId) {
      const current = currentOf(bucket).get(key);
      return current?.versionId === versionId ? current : olderOf(bucket).get(idOf({ key, versionId }));
    },
    put(bucket, object, bytes) {
      const bodyId = bodies.put(bytes);
      const version = { ...object, versionId: newVersionId(bucket), modifiedAt: clock.now(), bodyId };
      place(bucket, version);
      return version;
    },
    delete(bucket, key) {
      if (bucket.versioning !== undefined) {
        const marker = {
          key,
          versionId: newVersionId(bucket),
          modifiedAt: clock.now(),
          etag: '',
          sizeBytes: 0,
          headers: {},
        };
        place(bucket, marker);
        return marker;
      }
      const version = currentOf(bucket).get(key);
      currentOf(bucket).delete(key);
      if (version !== undefined) dropBody(version);
      return undefined;
    },
    deleteVersion(bucket, version) {
      store.together(() => {
        olderOf(bucket).delete(idOf(version));
        if (currentOf(bucket).get(version.key)?.versionId !== version.versionId) return;
        currentOf(bucket).delete(version.key);
        const [newest] = olderVersions(bucket, version.key);
        if (newest === undefined) return;
        olderOf(bucket).delete(idOf(newest));
        currentOf(bucket).set(newest.key, newest);
      });
      dropBody(version);
    },
    read: ({ bodyId }) => (bodyId === undefined ? new Uint8Array() : bodies.read(bodyId)),
    list: (bucket) => byKey([...currentOf(bucket).values()].filter(({ bodyId }) => bodyId !== undefined)),
    listVersions(bucket) {
      const current = [...currentOf(bucket).values()].map((version) => ({ ...version, isLatest: true }));
      const older = [...olderOf(bucket).values()].map((version) => ({ ...version, isLatest: false }));
      return byKey([...current, ...older.reverse().sort(newestFirst)]);
    },
  };
}

const idOf = ({ key, versionId }: Pick<ObjectVersion, 'key' | 'versionId'>) => `${versionId} ${key}`;

/** By UTF-8 bytes, as S3 lists: JavaScript's own order of strings differs for some. */
function byKey<Version extends { readonly key: string }>(versions: readonly Version[]): readonly Version[] {
  const keyed = versions.map((version) => ({ version, bytes: Buffer.from(version.key) }));
  return keyed.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ version }) => version);
}

/** Applied to the last written first, so that versions of one instant stay in that order. */
function newestFirst(a: ObjectVersion, b: ObjectVersion): number {
  return b.modifiedAt - a.modifiedAt;
}
