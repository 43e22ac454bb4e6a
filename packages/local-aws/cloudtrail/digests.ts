/**
 * Digests: each hour a signed file lists the log files delivered since the last one and their hashes, and carries the
 * hash and signature of that last one, so that a removed or changed file shows.
 *
 * AWS signs one digest an hour. Here, hours that a jump of the clock skipped are covered by one digest.
 * Source: CloudTrail User Guide, "CloudTrail digest file structure" and "Custom implementations of file validation".
 */
import { createHash, sign } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { EngineDeps, Objects, Ticking } from '../contracts';
import { toTheSecond } from './identity';
import { digestKeyPair } from './signing-key';
import { digestKey, homeRegion, type TrailScope, trailBucket } from './trail-bucket';

/** Where the chain of an account and region stands. */
interface Chain extends TrailScope {
  readonly startMs: number;
  readonly last?: { readonly object: string; readonly hash: string; readonly signature: string };
}

const HOUR_MS = 3_600_000;

/** A delivered log file as the next digest lists it. */
export interface LogFile extends TrailScope {
  readonly object: string;
  /** SHA-256 of the uncompressed content, in hex. */
  readonly hash: string;
  readonly oldestEventTime: string;
  readonly newestEventTime: string;
}

export interface Digests extends Ticking {
  /** Notes a file for the next digest. The first one of an account and region begins its chain. */
  add(file: LogFile): void;
}

export function digests({ store, clock }: Pick<EngineDeps, 'store' | 'clock'>, objects: Objects): Digests {
  const delivered = store.table<LogFile>('cloudtrail.log-files');
  const chains = store.table<Chain>('cloudtrail.digest-chains');
  let dueAt = 0;

  const writeDigest = (name: string, chain: Chain, files: readonly LogFile[], endMs: number) => {
    const { accountId, region, last } = chain;
    const bucket = trailBucket(accountId);
    const object = digestKey(chain, homeRegion(store, objects, chain), endMs);
    const key = digestKeyPair(store, region, clock.now());
    const oldest = files.map(({ oldestEventTime }) => oldestEventTime).sort()[0];
    const newest = files
      .map(({ newestEventTime }) => newestEventTime)
      .sort()
      .at(-1);
    const content = JSON.stringify({
      awsAccountId: accountId,
      digestStartTime: toTheSecond(chain.startMs),
      digestEndTime: toTheSecond(endMs),
      digestS3Bucket: bucket,
      digestS3Object: object,
      digestPublicKeyFingerprint: key.fingerprint,
      digestSignatureAlgorithm: 'SHA256withRSA',
      newestEventTime: newest ?? null,
      oldestEventTime: oldest ?? null,
      previousDigestS3Bucket: last ? bucket : null,
      previousDigestS3Object: last?.object ?? null,
      previousDigestHashValue: last?.hash ?? null,
      previousDigestHashAlgorithm: last ? 'SHA-256' : null,
      previousDigestSignature: last?.signature ?? null,
      logFiles: files.map((file) => listed(bucket, file)),
    });
    const hash = createHash('sha256').update(content).digest('hex');
    const signed = [toTheSecond(endMs), `${bucket}/${object}`, hash, last?.signature ?? 'null'].join('\n');
    const signature = sign('RSA-SHA256', Buffer.from(signed), key.privateKey).toString('hex');

    objects.put(bucket, object, gzipSync(content), { signature, 'signature-algorithm': 'SHA256withRSA' });
    chains.set(name, { accountId, region, startMs: endMs, last: { object, hash, signature } });
    for (const file of files) delivered.delete(file.object);
  };

  return {
    add(file) {
      delivered.set(file.object, file);
      const { accountId, region } = file;
      const name = `${accountId} ${region}`;
      if (!chains.has(name)) chains.set(name, { accountId, region, startMs: clock.now() });
      dueAt = Math.min(dueAt, clock.now() + HOUR_MS);
    },
    tick() {
      const nowMs = clock.now();
      if (nowMs < dueAt) return;
      for (const [name, chain] of [...chains.entries()]) {
        if (chain.startMs + HOUR_MS > nowMs) continue;
        const files = [...delivered.values()].filter(
          ({ accountId, region }) => accountId === chain.accountId && region === chain.region,
        );
        store.together(() => writeDigest(name, chain, files, nowMs));
      }
      dueAt = Math.min(...[...chains.values()].map(({ startMs }) => startMs + HOUR_MS));
    },
  };
}

function listed(bucket: string, { object, hash, newestEventTime, oldestEventTime }: LogFile) {
  return {
    s3Bucket: bucket,
    s3Object: object,
    hashValue: hash,
    hashAlgorithm: 'SHA-256',
    newestEventTime,
    oldestEventTime,
  };
}
