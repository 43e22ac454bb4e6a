/**
 * Protects the data of many customers, each with data keys of their own.
 *
 * Every message is encrypted with AES-256-GCM under a data key that KMS made for this customer and data store and that
 * only their KMS key unwraps. When that key cannot be used nothing is encrypted under another one and nothing passes
 * in the clear: the call fails with `KEY_UNAVAILABLE`.
 *
 * Data keys are kept for as long as their customer allows, and no longer than this process asks for: what takes effect of a
 * change, and of a verdict that the KMS key is lost, is in `permits.ts`; how calls come back to KMS after that in `admission.ts`.
 *
 * Two things are kept for a window each: which data key is for new data (`forNewData`), and the data keys that data
 * is read with (`forReading`). A data key can so stop being used for new data and still open what it protects.
 */

import { isKeyFailure } from '../../shared/domain/availability/key-failure';
import { KeywrightError } from '../../shared/domain/errors';
import { DATA_KEY_WINDOW_MS_MAX, type DataKey } from '../../shared/domain/keys/data-key';
import type { KmsKey } from '../../shared/domain/keys/kms-key';
import { retryOnConflict } from '../../shared/domain/retry-on-conflict';
import { type AdmissionPorts, admission } from './admission';
import { type OpenDataKey, open, seal } from './cipher';
import { read } from './container';
import { type DataKeyPorts, openForNewData, openNamed } from './data-keys';
import { EnvelopeError } from './errors';
import { servesNewData, USES_MAX } from './for-new-data';
import { type Kept, permits } from './permits';
import { checkBytes, checkPlace, invalid, type Place } from './place';
import { type UseCount, useCounts } from './use-counts';
import { windowCache } from './window-cache';

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
  /** Forgets plaintext data keys at once: those under one KMS key, or all. Calls that wait for one ask KMS again. */
  flush(kmsKeyArn?: string): void;
}

export interface Decrypted {
  readonly plaintext: Uint8Array;
  readonly renewed?: Uint8Array;
}

export type EnvelopePorts = Omit<DataKeyPorts, 'admit'> &
  Partial<Pick<AdmissionPorts, 'random' | 'wait'>> & {
    /** How long something is kept is counted by it; by `nowMs` unless given. It is not to be set back. */
    readonly steadyMs?: () => number;
  };

export interface EnvelopeOptions {
  /**
   * The longest that this process keeps a plaintext data key, whatever its customer allows. 0 asks KMS every time. Unless
   * given it is as long as the customer allows: five minutes if they did not choose, an hour at the most.
   */
  readonly windowMs?: number;
  /** Data keys kept at the same time for new data, and as many for reading. 10,000 unless given. */
  readonly keysMax?: number;
  /** Messages that this process protects with one data key before it takes a new one. 2^24 unless given, and at most. */
  readonly usesMax?: number;
}

const KEYS_MAX_DEFAULT = 10_000;

/** A data key and how often this process has used it. */
type Counted = OpenDataKey & { readonly count: UseCount };

/** @throws EnvelopeError `INVALID_ARGUMENT` for an option that makes no sense. */
export function createEnvelope(ports: EnvelopePorts, options: EnvelopeOptions = {}): Envelope {
  const { windowMs, keysMax, usesMax } = checked(options);
  const { nowMs, steadyMs = nowMs } = ports;
  const allowed = permits({ control: ports.control, nowMs: steadyMs }, { windowMs, rowsMax: keysMax, onLost: forget });
  const limits = { windowMs: allowed.windowMs, entriesMax: keysMax, nowMs: steadyMs };
  const forNewData = windowCache<Counted>(limits);
  const forReading = windowCache<OpenDataKey>(limits);
  const countOf = useCounts();
  const { random = Math.random, wait = byTimer } = ports;
  const loadPorts: DataKeyPorts = { ...ports, admit: admission({ nowMs: steadyMs, random, wait }) };

  function forget(fits: (dataKey: OpenDataKey) => boolean): void {
    forNewData.forget(fits);
    forReading.forget(fits);
  }

  /** What is kept, once it is known that it may be used still. */
  async function stillAllowed<Key extends Kept>(peek: () => Key | undefined): Promise<Key | undefined> {
    const kept = peek();
    if (!kept || allowed.isRecent(kept)) return kept;
    await allowed.settle(kept);
    return peek();
  }

  /** Handed on, and kept only where that may be. */
  function passed<Key extends OpenDataKey>(dataKey: Key): Key {
    if (dataKey.isPassing) forget((kept) => kept === dataKey);
    return dataKey;
  }

  const serves = (dataKey: DataKey, kmsKey: KmsKey) =>
    servesNewData(dataKey, { kmsKey, uses: countOf(dataKey.dataKeyId).uses, usesMax, nowMs: nowMs() });

  async function choose(place: Place): Promise<Counted> {
    const dataKey = await openForNewData(place, serves, loadPorts);
    return { ...dataKey, count: countOf(dataKey.dataKeyId) };
  }

  /** Counts the use in the same turn in which it allows it: no number of callers uses a data key too often. */
  async function takeForNewData(place: Place): Promise<OpenDataKey> {
    const kept = forNewData.peek(nameOf(place));
    const dataKey = kept && allowed.isRecent(kept) ? kept : await keptOrChosen(place);
    if (dataKey.count.uses < usesMax) {
      dataKey.count.uses += 1;
      return dataKey;
    }
    forNewData.forget((kept) => kept === dataKey);
    throw new KeywrightError('state.changed-meanwhile', 'The data key was used up meanwhile: take the next one.');
  }

  async function keptOrChosen(place: Place): Promise<Counted> {
    const name = nameOf(place);
    const kept = await stillAllowed(() => forNewData.peek(name));
    if (kept) return kept;
    await allowed.learnWindow(place.customerId);
    return passed(await forNewData.get({ name, owner: place.customerId }, () => choose(place)));
  }

  /** Without waiting: most data is read with a data key that is here. */
  function keptForReading(place: Place, dataKeyId: string): OpenDataKey | undefined {
    const newest = forNewData.peek(nameOf(place));
    return newest?.dataKeyId === dataKeyId ? newest : forReading.peek(nameOf(place, dataKeyId));
  }

  async function takeForReading(place: Place, dataKeyId: string): Promise<OpenDataKey> {
    const kept = await stillAllowed(() => keptForReading(place, dataKeyId));
    if (kept) return kept;
    await allowed.learnWindow(place.customerId);
    const named = { name: nameOf(place, dataKeyId), owner: place.customerId };
    return passed(await forReading.get(named, () => openForReading(place, dataKeyId)));
  }

  /** Who finds that one data key of a place is compromised does not trust what is kept for new data there, either. */
  async function openForReading({ customerId, dataStoreId }: Place, dataKeyId: string): Promise<OpenDataKey> {
    const dataKey = await openNamed({ customerId, dataStoreId, dataKeyId }, loadPorts);
    if (dataKey.isCompromised) forNewData.forget((kept) => nameOf(kept) === nameOf(dataKey));
    return dataKey;
  }

  async function protect(place: Place, plaintext: Uint8Array): Promise<Uint8Array> {
    const dataKey = await acquireKey(place, () => retryOnConflict(() => takeForNewData(place)));
    return seal(dataKey, plaintext);
  }

  async function opened(place: Place, container: Uint8Array) {
    checkPlace(place);
    checkBytes('container', container);
    const sealed = read(container);
    const kept = keptForReading(place, sealed.dataKeyId);
    const dataKey =
      kept && allowed.isRecent(kept) ? kept : await acquireKey(place, () => takeForReading(place, sealed.dataKeyId));
    return { plaintext: open(dataKey, sealed), isCompromised: dataKey.isCompromised };
  }

  return {
    async encrypt(place, plaintext) {
      checkPlace(place);
      checkBytes('plaintext', plaintext);
      return protect(place, plaintext);
    },
    decrypt: async (place, container) => (await opened(place, container)).plaintext,
    async decryptAndRenew(place, container) {
      const { plaintext, isCompromised } = await opened(place, container);
      return isCompromised ? { plaintext, renewed: await protect(place, plaintext) } : { plaintext };
    },
    flush(kmsKeyArn) {
      forget((dataKey) => kmsKeyArn === undefined || dataKey.kmsKeyArn === kmsKeyArn);
    },
  };
}

/** Ids may hold any character: their lengths keep them apart. */
const nameOf = ({ customerId, dataStoreId }: Place, dataKeyId = '') =>
  `${customerId.length} ${dataStoreId.length} ${customerId}${dataStoreId}${dataKeyId}`;

/** The data key; or why it cannot be had, in the application's words. */
async function acquireKey(place: Place, take: () => Promise<OpenDataKey>): Promise<OpenDataKey> {
  try {
    return await take();
  } catch (error) {
    if (!(error instanceof KeywrightError)) throw error;
    const message = `The data key of ${place.customerId}/${place.dataStoreId} cannot be had: ${error.message}`;
    const { retry, code: reason, details } = error;
    // A key that fails may be given back, and the same call then succeeds.
    const retryable = retry || isKeyFailure(reason);
    const { since, lossCause: cause = error } = details;
    throw new EnvelopeError('KEY_UNAVAILABLE', message, {
      retryable,
      reason,
      cause,
      ...(typeof since === 'string' && { since }),
    });
  }
}

const byTimer = (ms: number) => new Promise<void>((over) => setTimeout(over, ms));

function checked(options: EnvelopeOptions): Required<EnvelopeOptions> {
  const { windowMs = DATA_KEY_WINDOW_MS_MAX, keysMax = KEYS_MAX_DEFAULT, usesMax = USES_MAX } = options;
  if (!(windowMs >= 0 && windowMs <= DATA_KEY_WINDOW_MS_MAX)) {
    throw invalid('windowMs', `must be from 0 to ${DATA_KEY_WINDOW_MS_MAX}, not ${windowMs}`);
  }
  if (!Number.isSafeInteger(keysMax) || keysMax < 1) throw invalid('keysMax', `must be at least 1, not ${keysMax}`);
  if (!Number.isSafeInteger(usesMax) || usesMax < 1 || usesMax > USES_MAX) {
    throw invalid('usesMax', `must be from 1 to ${USES_MAX}, not ${usesMax}`);
  }
  return { windowMs, keysMax, usesMax };
}
