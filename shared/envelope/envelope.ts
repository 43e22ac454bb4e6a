/**
 * Protects the data of many customers, each with data keys of their own.
 *
 * Every message is encrypted with AES-256-GCM under a data key that KMS made for this customer and data store and that
 * only their KMS key unwraps. When that key can not be used nothing is encrypted under another one and nothing passes
 * in the clear: the call fails with `KEY_UNAVAILABLE`.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { DATA_KEY_WINDOW_MS_MAX, type DataKey, encryptionContextOf } from '../domain/data-key';
import { decideAnew } from '../domain/decide-anew';
import { KeywrightError } from '../domain/errors';
import type { KmsKey } from '../domain/kms-key';
import type { ControlStore, DataKeyCrypto, DataKeyStore, Ids } from '../domain/ports';
import { dataStoreKey } from '../domain/rows';
import { authenticatedDataOf, IV_BYTES, read, TAG_BYTES, write } from './container';
import { type CachedDataKey, dataKeyCache } from './data-key-cache';
import { EnvelopeError } from './errors';

/** Whose data it is, and where it rests. Both must be registered. */
export interface Place {
  readonly customerId: string;
  readonly dataStoreId: string;
}

export interface Envelope {
  /** @throws EnvelopeError `KEY_UNAVAILABLE`, `UNKNOWN_DATA_STORE`, `INVALID_ARGUMENT`. */
  encrypt(place: Place, plaintext: Uint8Array): Promise<Uint8Array>;
  /** @throws EnvelopeError `KEY_UNAVAILABLE`, `UNKNOWN_DATA_KEY`, `TAMPERED`, `NOT_PROTECTED_DATA`, `INVALID_ARGUMENT`. */
  decrypt(place: Place, container: Uint8Array): Promise<Uint8Array>;
  /**
   * Decrypts, and protects the same data anew if somebody else may know its data key. `renewed` is to be stored in the
   * container's place, on condition that it is there still; absent when nothing is to be done.
   *
   * @throws EnvelopeError as `decrypt` and `encrypt` do.
   */
  decryptAndRenew(place: Place, container: Uint8Array): Promise<Decrypted>;
  /** Forgets plaintext data keys at once: those under one KMS key, or all. */
  flush(kmsKeyArn?: string): void;
}

export interface Decrypted {
  readonly plaintext: Uint8Array;
  readonly renewed?: Uint8Array;
}

export interface EnvelopePorts {
  readonly control: Pick<ControlStore, 'find'>;
  readonly dataKeys: Pick<DataKeyStore, 'find' | 'newest' | 'create'>;
  readonly crypto: Pick<DataKeyCrypto, 'generate' | 'unwrap'>;
  readonly ids: Ids;
  readonly nowMs: () => number;
  /** Told when a KMS key can not be used: the fastest signal there is. Must not throw. */
  readonly keyFailed?: (kmsKeyArn: string, reason: string) => void;
}

export interface EnvelopeOptions {
  /** How long a plaintext data key may be used without asking KMS again. 0 asks every time. At most an hour. */
  readonly windowMs?: number;
  /** Plaintext data keys kept at the same time. */
  readonly keysMax?: number;
}

/** Five minutes: the default of others in this field, and what a revocation takes at the longest. */
export const WINDOW_MS_DEFAULT = 5 * 60_000;
export const WINDOW_MS_MAX = DATA_KEY_WINDOW_MS_MAX;
const KEYS_MAX_DEFAULT = 10_000;

/**
 * Messages that one process protects with one data key before it takes a new one. With random nonces AES-GCM allows
 * 2^32 under one key (NIST SP 800-38D, 8.3): 256 processes may share a data key.
 */
const USES_MAX = 2 ** 24;

/** A data key older than this is not used for new data. */
const DATA_KEY_DAYS_MAX = 30;
const DAY_MS = 86_400_000;

export function createEnvelope(ports: EnvelopePorts, options: EnvelopeOptions = {}): Envelope {
  const windowMs = options.windowMs ?? WINDOW_MS_DEFAULT;
  if (!(windowMs >= 0 && windowMs <= WINDOW_MS_MAX)) {
    throw new EnvelopeError('INVALID_ARGUMENT', `windowMs must be from 0 to ${WINDOW_MS_MAX}, not ${windowMs}.`);
  }
  const cache = dataKeyCache({ windowMs, keysMax: options.keysMax ?? KEYS_MAX_DEFAULT, nowMs: ports.nowMs });

  return {
    async encrypt(place, plaintext) {
      checkPlace(place);
      return protect(place, plaintext);
    },
    async decrypt(place, container) {
      checkPlace(place);
      const sealed = read(container);
      return open(await dataKeyOf(place, sealed.dataKeyId), sealed);
    },
    async decryptAndRenew(place, container) {
      checkPlace(place);
      const sealed = read(container);
      const dataKey = await dataKeyOf(place, sealed.dataKeyId);
      const plaintext = open(dataKey, sealed);
      return dataKey.isCompromised ? { plaintext, renewed: await protect(place, plaintext) } : { plaintext };
    },
    flush: cache.flush,
  };

  async function protect(place: Place, plaintext: Uint8Array): Promise<Uint8Array> {
    const dataKey = await dataKeyForNewData(place);
    dataKey.uses += 1;
    return seal(dataKey, plaintext);
  }

  /** Who finds that one data key of a place is compromised does not trust what is kept for new data there, either. */
  function dataKeyOf(place: Place, dataKeyId: string): Promise<CachedDataKey> {
    return cache.get(`${nameOf(place)}\0${dataKeyId}`, async () => {
      const dataKey = await load({ ...place, dataKeyId }, ports);
      if (dataKey.isCompromised) cache.forget(nameOf(place));
      return dataKey;
    });
  }

  async function dataKeyForNewData(place: Place): Promise<CachedDataKey> {
    const name = nameOf(place);
    const dataKey = await cache.get(name, () => decideAnew(() => newestOrNew(place, ports)));
    if (dataKey.uses < USES_MAX) return dataKey;
    cache.forget(name);
    return cache.get(name, () => decideAnew(() => make(place, ports)));
  }
}

const nameOf = ({ customerId, dataStoreId }: Place) => `${customerId}\0${dataStoreId}`;

function checkPlace(place: Place): void {
  for (const field of ['customerId', 'dataStoreId'] as const) {
    if (typeof place?.[field] === 'string' && place[field] !== '' && !place[field].includes('\0')) continue;
    throw new EnvelopeError('INVALID_ARGUMENT', `${field} must be the id of a registered ${field.slice(0, -2)}.`);
  }
}

function seal(dataKey: CachedDataKey, plaintext: Uint8Array): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', dataKey.plaintext, iv);
  cipher.setAAD(dataKey.authenticatedData);
  const encrypted = cipher.update(plaintext);
  cipher.final();
  return write({ dataKeyId: dataKey.dataKeyId, iv, ciphertext: Buffer.concat([encrypted, cipher.getAuthTag()]) });
}

function open(dataKey: CachedDataKey, { iv, ciphertext }: { iv: Uint8Array; ciphertext: Uint8Array }): Uint8Array {
  const end = ciphertext.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', dataKey.plaintext, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(dataKey.authenticatedData);
  decipher.setAuthTag(ciphertext.subarray(end));
  const decrypted = decipher.update(ciphertext.subarray(0, end));
  try {
    decipher.final();
    return decrypted;
  } catch (cause) {
    throw new EnvelopeError(
      'TAMPERED',
      'This data, or the customer and data store it was protected for, was changed.',
      {
        cause,
      },
    );
  }
}

/** The newest data key of the place while it may protect new data; else a new one. */
async function newestOrNew(place: Place, ports: EnvelopePorts): Promise<CachedDataKey> {
  const { key } = await keyOfPlace(place, ports);
  const newest = await ports.dataKeys.newest(place.customerId, place.dataStoreId);
  return newest && servesNewData(newest, key, ports) ? unwrap(newest, key, ports) : make(place, ports);
}

/** Under the place's present KMS key, young enough, and known to nobody else. */
function servesNewData(dataKey: DataKey, key: KmsKey, { nowMs }: EnvelopePorts): boolean {
  const bornAfter = new Date(nowMs() - DATA_KEY_DAYS_MAX * DAY_MS).toISOString();
  const { kmsKeyArn, createdAt, compromised } = dataKey;
  return !compromised && kmsKeyArn === key.kmsKeyArn && createdAt > bornAfter && createdAt >= (key.dataKeysFrom ?? '');
}

async function make(place: Place, ports: EnvelopePorts): Promise<CachedDataKey> {
  const { key } = await keyOfPlace(place, ports);
  const name = { ...place, dataKeyId: ports.ids.next() };
  const { plaintext, ...wrapping } = await asking(key, ports, () =>
    ports.crypto.generate(key, encryptionContextOf(name)),
  );
  await ports.dataKeys.create({ ...name, ...wrapping, createdAt: new Date(ports.nowMs()).toISOString() });
  return cached({ ...name, ...wrapping }, plaintext);
}

async function load(name: Place & { readonly dataKeyId: string }, ports: EnvelopePorts): Promise<CachedDataKey> {
  const dataKey = await ports.dataKeys.find(name);
  if (!dataKey) {
    throw new EnvelopeError(
      'UNKNOWN_DATA_KEY',
      `${name.customerId}/${name.dataStoreId} has no data key ${name.dataKeyId}: this data was protected for another customer or data store.`,
    );
  }
  return unwrap(dataKey, await keyOf(dataKey.kmsKeyArn, ports), ports);
}

async function unwrap(dataKey: DataKey, key: KmsKey, ports: EnvelopePorts): Promise<CachedDataKey> {
  const { plaintext } = await asking(key, ports, () =>
    ports.crypto.unwrap(key, dataKey.wrapped, encryptionContextOf(dataKey)),
  );
  return cached(dataKey, plaintext);
}

function cached(
  dataKey: Pick<DataKey, 'customerId' | 'dataStoreId' | 'dataKeyId' | 'kmsKeyArn' | 'compromised'>,
  plaintext: Uint8Array,
): CachedDataKey {
  const { customerId, dataStoreId, dataKeyId, kmsKeyArn, compromised } = dataKey;
  return {
    dataKeyId,
    kmsKeyArn,
    isCompromised: compromised !== undefined,
    plaintext,
    authenticatedData: authenticatedDataOf(customerId, dataStoreId, dataKeyId),
    uses: 0,
  };
}

async function keyOfPlace({ customerId, dataStoreId }: Place, ports: EnvelopePorts) {
  const store = await ports.control.find('data-store', dataStoreKey(customerId, dataStoreId));
  if (store) return { store, key: await keyOf(store.kmsKeyArn, ports) };
  throw new EnvelopeError(
    'UNKNOWN_DATA_STORE',
    `${customerId} has no data store ${dataStoreId}: register it before it is used.`,
  );
}

async function keyOf(kmsKeyArn: string, ports: EnvelopePorts): Promise<KmsKey> {
  const key = await ports.control.find('kms-key', kmsKeyArn);
  if (key) return key;
  throw new EnvelopeError('KEY_UNAVAILABLE', `KMS key ${kmsKeyArn} is not registered.`, { reason: 'state.not-found' });
}

/** Asks KMS, and says so in the application's words when it refuses. */
async function asking<Answer>(key: KmsKey, ports: EnvelopePorts, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof KeywrightError)) throw error;
    if (!error.retry) ports.keyFailed?.(key.kmsKeyArn, error.code);
    throw new EnvelopeError('KEY_UNAVAILABLE', `KMS key ${key.kmsKeyArn} can not be used: ${error.message}`, {
      retryable: error.retry,
      reason: error.code,
      cause: error,
    });
  }
}
