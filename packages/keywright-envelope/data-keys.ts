/**
 * Data keys from the world: found or made in the stores, opened by KMS. Nothing is kept here.
 *
 * What is asked of KMS, and what data is bound to, comes from the name that was asked for and never from what a row says of
 * itself: whoever can write the tables has no row opened as another customer's.
 */

import { isKeyFailure } from '../../shared/domain/availability/key-failure';
import { KeywrightError } from '../../shared/domain/errors';
import { type DataKey, type DataKeyName, encryptionContextOf } from '../../shared/domain/keys/data-key';
import { isFor, type KmsKey } from '../../shared/domain/keys/kms-key';
import type { DataKeyCrypto, DataKeyStore } from '../../shared/domain/keys/ports';
import type { ControlStore, Ids } from '../../shared/domain/ports';
import { dataStoreKey } from '../../shared/domain/rows';
import type { Admit } from './admission';
import { type OpenDataKey, secretOf } from './cipher';
import { authenticatedDataOf, headOf } from './container';
import { EnvelopeError } from './errors';
import type { KeyReports, KeyUse } from './key-reports';
import type { Place } from './place';

export interface DataKeyPorts {
  readonly control: Pick<ControlStore, 'find'>;
  readonly dataKeys: Pick<DataKeyStore, 'find' | 'newest' | 'create'>;
  readonly crypto: Pick<DataKeyCrypto, 'generate' | 'unwrap'>;
  readonly ids: Ids;
  readonly nowMs: () => number;
  /** Told when a KMS key cannot be used, and when it can: the fastest signal there is. Must not throw. */
  readonly reports?: KeyReports;
  /** Lets calls of KMS through in their turn. */
  readonly admit: Admit;
}

/** What KMS was or is to be asked about. */
interface Asked {
  readonly name: DataKeyName;
  readonly kmsKey: KmsKey;
  /** Absent: a new one is to be made. */
  readonly dataKey?: DataKey;
}

/**
 * The data key of that name.
 *
 * @throws EnvelopeError `UNKNOWN_DATA_KEY`; KeywrightError of the stores and of KMS; `state.key-lost` (retry).
 */
export function openNamed(name: DataKeyName, ports: DataKeyPorts): Promise<OpenDataKey> {
  return openAsRead(() => readNamed(name, ports), ports);
}

/**
 * The data key for new data: the newest of the place if it serves, else a new one.
 *
 * @throws EnvelopeError `UNKNOWN_DATA_STORE`; KeywrightError of the stores and of KMS; `state.key-lost` (retry);
 *   `state.changed-meanwhile` (retry) when the data store was given another KMS key meanwhile.
 */
export function openForNewData(
  place: Place,
  serves: (dataKey: DataKey, kmsKey: KmsKey) => boolean,
  ports: DataKeyPorts,
): Promise<OpenDataKey> {
  const read = async (): Promise<Asked> => {
    const kmsKey = await kmsKeyOfPlace(place, ports);
    const newest = await ports.dataKeys.newest(place.customerId, place.dataStoreId);
    const { customerId, dataStoreId } = place;
    if (!newest || !serves(newest, kmsKey))
      return { name: { customerId, dataStoreId, dataKeyId: ports.ids.next() }, kmsKey };
    return { name: { customerId, dataStoreId, dataKeyId: newest.dataKeyId }, kmsKey, dataKey: newest };
  };
  return openAsRead(read, ports);
}

/**
 * Reads, and asks KMS. What KMS refuses is read once more: a data key that was moved to another KMS key in between opens
 * there, and the KMS key it left is no loss.
 */
async function openAsRead(read: () => Promise<Asked>, ports: DataKeyPorts): Promise<OpenDataKey> {
  const first = await read();
  try {
    return await openOrMake(first, ports);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const second = await read();
    if (isSame(first, second)) throw reported(error, first, ports);
    return await openOrMake(second, ports).catch((cause) => {
      throw reported(cause, second, ports);
    });
  }
}

const isRefusal = (error: unknown) =>
  error instanceof KeywrightError && /^(kms|sts)\./.test(error.code) && !error.retry;

const isSame = (one: Asked, other: Asked) => versionOf(one) === versionOf(other);

const versionOf = ({ kmsKey, dataKey }: Asked) =>
  JSON.stringify([kmsKey.kmsKeyArn, kmsKey.revision, dataKey?.dataKeyId, dataKey?.revision]);

function reported(error: unknown, { kmsKey, dataKey }: Asked, { reports }: DataKeyPorts): unknown {
  if (error instanceof KeywrightError && isKeyFailure(error.code))
    reports?.failed(dataKey ? 'unwrap' : 'generate', kmsKey.kmsKeyArn, error.code);
  return error;
}

async function openOrMake({ name, kmsKey, dataKey }: Asked, ports: DataKeyPorts): Promise<OpenDataKey> {
  const { crypto } = ports;
  if (!dataKey) return make(name, kmsKey, ports);
  const unwrap = () => crypto.unwrap(kmsKey, dataKey.wrapped, encryptionContextOf(name));
  const { plaintext } = await asked('unwrap', kmsKey, unwrap, ports);
  return opened(name, { ...dataKey, isPassing: isLost(kmsKey) }, plaintext);
}

/** What KMS answers, in its turn. */
async function asked<Answer>(
  use: KeyUse,
  kmsKey: KmsKey,
  call: () => Promise<Answer>,
  { admit, reports }: DataKeyPorts,
): Promise<Answer> {
  const answer = await admit(kmsKey, call);
  reports?.worked(use, kmsKey);
  return answer;
}

async function make(name: DataKeyName, kmsKey: KmsKey, ports: DataKeyPorts): Promise<OpenDataKey> {
  const generate = () => ports.crypto.generate(kmsKey, encryptionContextOf(name));
  const { plaintext, ...wrapping } = await asked('generate', kmsKey, generate, ports);
  const dataKey = opened(name, { ...wrapping, isPassing: isLost(kmsKey) }, plaintext);
  // Nothing is protected with a data key that is not stored: nobody could ever read it.
  await ports.dataKeys.create({ ...name, ...wrapping, createdAt: new Date(ports.nowMs()).toISOString() });
  return dataKey;
}

const isLost = ({ loss }: KmsKey) => loss !== undefined;

const opened = (
  name: DataKeyName,
  { kmsKeyArn, compromised, isPassing }: Pick<DataKey, 'kmsKeyArn' | 'compromised'> & Pick<OpenDataKey, 'isPassing'>,
  plaintext: Uint8Array,
): OpenDataKey => ({
  ...name,
  kmsKeyArn,
  isCompromised: compromised !== undefined,
  isPassing,
  secret: secretOf(plaintext),
  authenticatedData: authenticatedDataOf(name.customerId, name.dataStoreId, name.dataKeyId),
  head: headOf(name.dataKeyId),
});

async function readNamed(name: DataKeyName, ports: DataKeyPorts): Promise<Asked> {
  const dataKey = await ports.dataKeys.find(name);
  if (dataKey) return { name, dataKey, kmsKey: await kmsKeyOf(name, dataKey, ports) };
  throw new EnvelopeError(
    'UNKNOWN_DATA_KEY',
    `${name.customerId}/${name.dataStoreId} has no such data key: this data was protected for another customer or data store.`,
  );
}

async function kmsKeyOfPlace(place: Place, ports: DataKeyPorts): Promise<KmsKey> {
  const { customerId, dataStoreId } = place;
  const store = await ports.control.find('data-store', dataStoreKey(customerId, dataStoreId));
  if (store) return kmsKeyOf(place, store, ports);
  throw new EnvelopeError(
    'UNKNOWN_DATA_STORE',
    `${customerId} has no data store ${dataStoreId}: register it before it is used.`,
  );
}

/** The KMS key that a row of that customer's names: shared, or theirs. */
async function kmsKeyOf(
  { customerId }: Pick<Place, 'customerId'>,
  { kmsKeyArn }: Pick<DataKey, 'kmsKeyArn'>,
  { control }: DataKeyPorts,
): Promise<KmsKey> {
  const key = await control.find('kms-key', kmsKeyArn);
  if (!key) throw new KeywrightError('state.not-found', `KMS key ${kmsKeyArn} is not registered.`, { kmsKeyArn });
  if (isFor(key, customerId)) return key;
  const message = `A row of customer ${customerId} names a KMS key that is another customer’s. Find out who wrote it, and put back what was there.`;
  throw new KeywrightError('state.forbids', message, { customerId });
}
