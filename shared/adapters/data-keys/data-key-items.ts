/**
 * A data key as an item of its table: what names it, what it is wrapped under, and what of a row is believed.
 *
 * The parts of a name are escaped, so that no two names share a key.
 */
import type { DataStoreName } from '../../domain/customers/customer';
import { type DataKey, type DataKeyName, SHARDS } from '../../domain/keys/data-key';
import type { Wrapping } from '../../domain/keys/ports';
import { stableHash } from '../../domain/stable-hash';
import { isKey, isSortKey } from '../control-table';
import { misplaced } from '../misplaced-row';

export type Item = Record<string, unknown>;

/** The partition of a data store's data keys. */
export const storeKeyOf = ({ customerId, dataStoreId }: DataStoreName) =>
  `${encodeURIComponent(customerId)}#${encodeURIComponent(dataStoreId)}`;

/** What names a data key in its table. */
export const keyOf = (name: DataKeyName) => ({
  pk: storeKeyOf(name),
  sk: encodeURIComponent(name.dataKeyId),
});

/** The partition of the index that holds one shard of a wrapping. */
export const partitionOf = ({ kmsKeyArn, keyMaterialId }: Wrapping, shard: number) =>
  `${kmsKeyArn}#${keyMaterialId}#${shard}`;

/** The whole item of a data key, its place in the index included. */
export function itemOf(dataKey: DataKey): Item {
  const key = keyOf(dataKey);
  const name = `${key.pk}#${key.sk}`;
  return { ...dataKey, ...key, name, wrapping: partitionOf(dataKey, stableHash(name) % SHARDS) };
}

/** By the name that the row is kept under. What is no data key, and cannot be replaced by one, is as good as quarantined. */
export function dataKeyOf(item: Item): DataKey {
  const name = nameOf(item);
  if (isWhole(item)) return { ...fieldsOf(item), ...name } as DataKey;
  const { kmsKeyArn } = item;
  return { ...name, ...NO_DATA_KEY, kmsKeyArn: isText(kmsKeyArn) ? kmsKeyArn : '' };
}

/** Nothing that such a row says is passed on, but the key that it names: it counts as a need of that. */
const NO_DATA_KEY: Omit<DataKey, keyof DataKeyName | 'kmsKeyArn'> = {
  keyMaterialId: '',
  wrapped: new Uint8Array(),
  createdAt: new Date(0).toISOString(),
  quarantined: { jobId: '', reason: 'store.row-misplaced: the row is no data key', at: new Date(0).toISOString() },
  revision: 0,
};

/** @throws KeywrightError `store.row-misplaced` for a row that says another name than the one it is kept under. */
export function inPlace(item: Item): DataKey {
  const name = nameOf(item);
  const isItself = NAMES.every((field) => item[field] === name[field]);
  if (isItself && isWhole(item)) return dataKeyOf(item);
  throw misplaced(`${item['pk']}#${item['sk']}`);
}

const NAMES = ['customerId', 'dataStoreId', 'dataKeyId'] as const;

type Check = (value: unknown) => boolean;

const isText = (value: unknown): value is string => typeof value === 'string';
const isInstant: Check = (value) =>
  isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && !Number.isNaN(Date.parse(value));
const isObject = (value: unknown): value is Item => (value as Item | null)?.constructor === Object;
const isAbsentOr =
  (is: Check): Check =>
  (value) =>
    value === undefined || is(value);
/** Those fields and no other: what is in none of ours could be what cannot be written again. */
const isMadeOf =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) &&
    Object.keys(value).length === Object.keys(shape).length &&
    Object.entries(shape).every(([field, holds]) => holds(value[field]));

/** Source: KMS API reference, ReEncrypt, CiphertextBlob. */
const WRAPPED_BYTES_MAX = 6144;

/** What is read of a row. Applications put rows: whatever one holds, it stops nobody who works through many. */
const SHAPE: Readonly<Record<Exclude<keyof DataKey, keyof DataKeyName>, Check>> = {
  kmsKeyArn: isText,
  keyMaterialId: (value) => isText(value) && value !== '',
  wrapped: (value) => value instanceof Uint8Array && value.length > 0 && value.length <= WRAPPED_BYTES_MAX,
  createdAt: isInstant,
  reencryptedAt: isAbsentOr(isInstant),
  quarantined: isAbsentOr(isMadeOf({ jobId: isText, reason: isText, at: isInstant })),
  compromised: isAbsentOr(isMadeOf({ compromiseId: isText, at: isInstant })),
  formerly: isAbsentOr((value) => isObject(value) && Object.values(value).every(isInstant)),
  workedBy: isAbsentOr((value) => Array.isArray(value) && value.every(isMadeOf({ batch: isText, did: isWork }))),
  revision: (value) => Number(value) >= 1 && Number.isSafeInteger(Number(value) + 1) && typeof value === 'number',
};

function isWork(value: unknown): boolean {
  return value === 'reencrypted' || value === 'quarantined';
}

/** What a row may hold besides its wrapped bytes, so that it can be written again with more. DynamoDB keeps 400 KB. */
const TEXT_BYTES_MAX = 300_000;

/** Whether a row is kept under a name of ours, is a data key, and can be written again as one. */
export function isWhole(item: Item): boolean {
  const { pk, sk } = keyOf(nameOf(item));
  const isNamed = pk === item['pk'] && sk === item['sk'] && isSortKey(`${pk}#${sk}`);
  if (!isNamed || !Object.entries(SHAPE).every(([field, holds]) => holds(item[field]))) return false;
  const { wrapped: _bytes, ...texts } = fieldsOf(item);
  return (
    isKey(partitionOf(texts as unknown as Wrapping, SHARDS)) &&
    Buffer.byteLength(JSON.stringify(texts)) <= TEXT_BYTES_MAX
  );
}

/** What a data key has, and nothing else of the row. */
const fieldsOf = (item: Item): Item =>
  Object.fromEntries(Object.keys(SHAPE).flatMap((field) => (field in item ? [[field, item[field]]] : [])));

function nameOf({ pk, sk }: Item): DataKeyName {
  const [customerId = '', dataStoreId = ''] = String(pk).split('#').map(unescaped);
  return { customerId, dataStoreId, dataKeyId: unescaped(String(sk)) };
}

/** As it is, where nobody of ours escaped it. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
