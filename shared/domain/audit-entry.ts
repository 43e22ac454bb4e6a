/**
 * The bytes of an audit entry: one JSON object without line breaks, its members always in the order below.
 *
 * `record` is the CloudTrail record itself, unknown fields included, and `recordSha256` is taken over exactly the text
 * that stands there. Where something is left out the entry says so: `redacted` when the record also touches a key that
 * is not this customer's, `cut` when the record is larger than an entry may be.
 *
 * node:crypto is used for hashing only: a pure function, and no package computes SHA-256 as fast.
 */
import { createHash } from 'node:crypto';
import type { KmsRecord } from '../../events/cloudtrail-kms-record';
import { ContractViolation, type Fact } from '../../events/define-event';
import type { KeyUse, TouchedKey } from '../../events/kms-key-use';
import type { Concern } from './attribute';
import { partOfRecord } from './partial-record';

/** An entry's length is a uint16 in its bundle. Source: C2SP tlog-tiles. */
export const ENTRY_BYTES_MAX = 65_535;

const ENTRY_VERSION = 1;

export interface EncodedEntry {
  readonly customerId: string;
  readonly bytes: Uint8Array;
  /** What the entry tells of: one stream holds each of these names once. */
  readonly dedupeKeys: readonly string[];
}

/**
 * The entry for one customer whom a record concerns.
 *
 * @param text the record as it was received, when that had no whitespace between its values: kept byte for byte.
 *   Without it the record is written anew, in the order of its fields.
 * @throws ContractViolation for a record nested so deeply that it cannot be written, or whose names alone fill an entry.
 */
export function entryOfRecord(record: KmsRecord, use: KeyUse, concern: Concern, text?: string): EncodedEntry {
  const part = concern.isPartial ? partOfRecord(record, concern.keys) : undefined;
  const recordText = part ? written(part) : (text ?? written(record));
  const redacted = part ? ['every key, context and parameter that is not of this customer'] : undefined;
  const head = headOf(use, concern, record);
  const whole = encoded(head, { redacted, recordText, hashed: recordText });
  const bytes = whole.length <= ENTRY_BYTES_MAX ? whole : encodedWithCut(head, { redacted, recordText });
  return { customerId: concern.customerId, bytes, dedupeKeys: dedupeKeysOf(use) };
}

/** The names of what a record tells of: its own id, and the id that both accounts' copies of one call share. */
export function dedupeKeysOf(use: Pick<KeyUse, 'eventId' | 'sharedEventId'>): readonly string[] {
  return use.sharedEventId === undefined ? [use.eventId] : [use.eventId, `shared:${use.sharedEventId}`];
}

/** The entry for a fact of this product that concerns a customer. The fact's id is its name. */
export function entryOfFact(customerId: string, fact: Fact): EncodedEntry {
  const { factId, detailType, detail } = fact;
  const head = { v: ENTRY_VERSION, eventId: factId, customerId, at: detail['at'], kind: 'fact', operation: detailType };
  const bytes = new TextEncoder().encode(JSON.stringify({ ...head, fact: detail }));
  if (bytes.length > ENTRY_BYTES_MAX)
    throw new ContractViolation('fact', `exceeds the ${ENTRY_BYTES_MAX} bytes of an entry`);
  return { customerId, bytes, dedupeKeys: [factId] };
}

/** What names an entry, for whoever reads a stream back. */
export interface EntryNames {
  readonly eventId: string;
  readonly sharedEventId?: string;
  readonly customerId: string;
}

/** @throws SyntaxError when the bytes are no JSON, ContractViolation when they name no event. */
export function namesOfEntry(bytes: Uint8Array): EntryNames {
  const { eventId, sharedEventId, customerId } = JSON.parse(new TextDecoder().decode(bytes)) as Partial<EntryNames>;
  if (typeof eventId !== 'string' || typeof customerId !== 'string') {
    throw new ContractViolation('entry', 'has no eventId or customerId');
  }
  return { eventId, customerId, ...(typeof sharedEventId === 'string' && { sharedEventId }) };
}

function headOf(use: KeyUse, concern: Concern, record: KmsRecord): Readonly<Record<string, unknown>> {
  const identity = record.userIdentity;
  return {
    v: ENTRY_VERSION,
    eventId: use.eventId,
    sharedEventId: use.sharedEventId,
    customerId: concern.customerId,
    at: use.at,
    kind: use.kind,
    operation: use.operation,
    outcome: use.outcome,
    errorCode: use.errorCode,
    kmsKeyArns: distinct(concern.keys, (key) => key.kmsKeyArn),
    encryptionContexts: distinct(concern.keys, (key) => key.encryptionContext),
    keyMaterialIds: distinct(concern.keys, (key) => key.keyMaterialId),
    caller: { type: identity?.type, accountId: use.callerAccountId, arn: identity?.arn, invokedBy: use.invokedBy },
    source: { accountId: use.recipientAccountId, region: record.awsRegion },
  };
}

function distinct<Value>(keys: readonly TouchedKey[], pick: (key: TouchedKey) => Value | undefined): readonly Value[] {
  const values = keys.flatMap((key) => pick(key) ?? []);
  return values.length < 2 ? (values as Value[]) : ([...new Set(values)] as Value[]);
}

interface Body {
  readonly redacted: readonly string[] | undefined;
  readonly cut?: { readonly bytes: number; readonly fields: readonly string[] };
  /** What stands in the entry. */
  readonly recordText: string;
  /** What the hash is taken over: the same, unless something is cut. */
  readonly hashed: string;
}

function encoded(head: Readonly<Record<string, unknown>>, body: Body): Uint8Array {
  const { redacted, cut, recordText, hashed } = body;
  const recordSha256 = createHash('sha256').update(hashed).digest('hex');
  const start = JSON.stringify({ ...head, redacted, cut, recordSha256 });
  return Buffer.from(`${start.slice(0, -1)},"record":${recordText}}`);
}

/** The fields that grow, the least telling first. Sizes: CloudTrail caps each of them at 100 KB or less. */
const CUT_ORDER = ['responseElements', 'serviceEventDetails', 'additionalEventData', 'requestParameters', 'resources'];

/** An entry without the record's largest parts. The hash still covers the record as it was: the original can be shown. */
function encodedWithCut(
  head: Readonly<Record<string, unknown>>,
  { redacted, recordText }: Pick<Body, 'redacted' | 'recordText'>,
): Uint8Array {
  const record = JSON.parse(recordText) as Record<string, unknown>;
  const bytes = Buffer.byteLength(recordText);
  const fields: string[] = [];
  const attempt = () =>
    encoded(head, { redacted, cut: { bytes, fields }, recordText: written(record), hashed: recordText });
  for (const field of [...CUT_ORDER.filter((name) => name in record), ...Object.keys(record)]) {
    if (!(field in record)) continue;
    delete record[field];
    fields.push(field);
    const shortened = attempt();
    if (shortened.length <= ENTRY_BYTES_MAX) return shortened;
  }
  throw new ContractViolation('record', `names more than the ${ENTRY_BYTES_MAX} bytes of an entry can hold`);
}

function written(record: unknown): string {
  try {
    return JSON.stringify(record);
  } catch (error) {
    // The one way in which writing what JSON.parse read can fail.
    if (error instanceof RangeError) throw new ContractViolation('record', 'is nested too deeply', { cause: error });
    throw error;
  }
}
