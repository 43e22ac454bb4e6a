/**
 * The key pair with which a region's digests are signed, made when the first digest is.
 * Source: CloudTrail User Guide, "CloudTrail digest file structure": RSA, one pair a region, named by a fingerprint.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Store } from '../store';

/** Kept with its private half, since only this process signs with it. */
interface KeptKey {
  readonly privateKeyPem: string;
  readonly madeAt: number;
}

export interface DigestKeyPair {
  readonly privateKey: KeyObject;
  /** MD5 of the public key's DER bytes, in hex. */
  readonly fingerprint: string;
}

/** A public key as `ListPublicKeys` gives it: DER in PKCS#1 form. */
export interface DigestPublicKey {
  readonly der: Buffer;
  readonly fingerprint: string;
  readonly madeAt: number;
}

const keptKeys = (store: Store) => store.table<KeptKey>('cloudtrail.digest-keys');

export function digestKeyPair(store: Store, region: string, nowMs: number): DigestKeyPair {
  const kept = keptKeys(store).get(region) ?? makeKey(store, region, nowMs);
  const privateKey = createPrivateKey(kept.privateKeyPem);
  return { privateKey, fingerprint: publicKeyOf(kept).fingerprint };
}

export function digestPublicKey(store: Store, region: string): DigestPublicKey | undefined {
  const kept = keptKeys(store).get(region);
  return kept && publicKeyOf(kept);
}

function makeKey(store: Store, region: string, nowMs: number): KeptKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kept = { privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, madeAt: nowMs };
  keptKeys(store).set(region, kept);
  return kept;
}

function publicKeyOf({ privateKeyPem, madeAt }: KeptKey): DigestPublicKey {
  const der = createPublicKey(privateKeyPem).export({ type: 'pkcs1', format: 'der' });
  return { der, fingerprint: createHash('md5').update(der).digest('hex'), madeAt };
}
