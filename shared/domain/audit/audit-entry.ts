/**
 * The bytes of an audit entry: one JSON object without line breaks, its members always in the order below.
 *
 * `record` is the CloudTrail record itself, unknown fields included, as it was received. Where something is left out the
 * entry says so: `redacted` when the record also touches a key that is not this customer's, `cut` when it is larger than
 * an entry may be; `cut` carries the SHA-256 of the record as it was, so that the original can be shown to belong here.
 * A whole record needs no hash of its own: its bytes are under the log's tree.
 *
 * node:crypto is used for hashing only: a pure function, and no package computes SHA-256 as fast.
 */
import { hash } from 'node:crypto';
import type { KmsRecord } from '../../../events/cloudtrail-kms-record';
import { ContractViolation, type Fact } from '../../../events/define-event';
import type { KeyUse, TouchedKey } from '../../../events/kms-key-use';
import { jsonObject, jsonString, jsonStrings } from './json-text';
import { partOfRecord } from './partial-record';
import type { Attribution } from './whose-record';

/** An entry's length is a uint16 in its bundle. Source: C2SP tlog-tiles. */
export const ENTRY_BYTES_MAX = 65_535;

const ENTRY_VERSION = 1;

export interface EncodedEntry {
  readonly customerId: string;
  readonly bytes: Uint8Array;
}

/** A record as it was received: the same JSON twice, as text and as UTF-8, without whitespace between its values. */
export interface ReceivedRecord {
  readonly text: string;
  readonly utf8: Uint8Array;
}

/**
 * The entry for one customer whom a record concerns.
 *
 * @param received kept byte for byte. Without it the record is written anew, in the order of its fields.
 * @throws ContractViolation for a record nested so deeply that it cannot be written, or whose names alone fill an entry.
 */
export function entryOfRecord(
  record: KmsRecord,
  use: KeyUse,
  concern: Attribution,
  received?: ReceivedRecord,
): EncodedEntry {
  const part = concern.isPartial ? partOfRecord(record, concern.keys) : undefined;
  const utf8 = part || !received ? Buffer.from(written(part ?? record)) : received.utf8;
  const bytes = joined(headOf(record, use, concern) + tailOf(part && REDACTED), utf8);
  return {
    customerId: concern.customerId,
    bytes: bytes.length <= ENTRY_BYTES_MAX ? bytes : shortened(record, use, concern, utf8),
  };
}

/** The entry for a fact of this product that concerns a customer. The fact's id is its name. */
export function entryOfFact(customerId: string, fact: Fact): EncodedEntry {
  const { factId, detailType, detail } = fact;
  const head = { v: ENTRY_VERSION, eventId: factId, customerId, at: detail['at'], kind: 'fact', operation: detailType };
  const bytes = new TextEncoder().encode(JSON.stringify({ ...head, fact: detail }));
  if (bytes.length > ENTRY_BYTES_MAX)
    throw new ContractViolation('fact', `exceeds the ${ENTRY_BYTES_MAX} bytes of an entry`);
  return { customerId, bytes };
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

const REDACTED = 'keys, contexts and parameters that are not of this customer';

/** The members before the record, which say in the product's words what the record says in AWS's. */
function headOf(record: KmsRecord, use: KeyUse, { customerId, keys }: Attribution): string {
  const { sharedEventId, errorCode } = use;
  const identity = record.userIdentity;
  return (
    `{"v":${ENTRY_VERSION},"eventId":${jsonString(use.eventId)},` +
    (sharedEventId === undefined ? '' : `"sharedEventId":${jsonString(sharedEventId)},`) +
    `"customerId":${jsonString(customerId)},"at":"${use.at}",` +
    `"kind":"${use.kind}","operation":${jsonString(use.operation)},"outcome":"${use.outcome}",` +
    (errorCode === undefined ? '' : `"errorCode":${jsonString(errorCode)},`) +
    `"kmsKeyArns":${jsonStrings(distinct(keys, 'kmsKeyArn'))},"encryptionContexts":${contextsOf(keys)},` +
    `"keyMaterialIds":${jsonStrings(distinct(keys, 'keyMaterialId'))},` +
    `"caller":${jsonObject({ type: identity?.type, accountId: use.callerAccountId, arn: identity?.arn, invokedBy: use.invokedBy })},` +
    `"source":${jsonObject({ accountId: use.recipientAccountId, region: record.awsRegion })},`
  );
}

const contextsOf = (keys: readonly TouchedKey[]): string =>
  `[${distinct(keys, 'encryptionContext').map(jsonObject).join(',')}]`;

/** What was left out to make the entry fit: the record's size and hash as it was, and the fields that are gone. */
interface Cut {
  readonly recordBytes: number;
  readonly recordSha256: string;
  readonly fields: readonly string[];
  /** How many are gone, and of their names as a JSON list in the record's order: where `fields` would be too long. */
  readonly fieldCount?: number;
  readonly fieldsSha256?: string;
  /** Of the member `encryptionContexts` as it was, where that too had to go: KMS takes contexts larger than an entry. */
  readonly encryptionContextsSha256?: string;
}

function tailOf(redacted?: string, cut?: Cut): string {
  const said = (redacted ? `"redacted":${jsonString(redacted)},` : '') + (cut ? `"cut":${JSON.stringify(cut)},` : '');
  return `${said}"record":`;
}

function joined(members: string, record: Uint8Array): Uint8Array {
  const start = Buffer.from(members);
  const bytes = Buffer.allocUnsafe(start.length + record.length + 1);
  bytes.set(start);
  bytes.set(record, start.length);
  bytes[bytes.length - 1] = CLOSING_BRACE;
  return bytes;
}
const CLOSING_BRACE = 0x7d;

/** The values of a member that keys have, each once. */
function distinct<Name extends keyof TouchedKey>(
  keys: readonly TouchedKey[],
  name: Name,
): NonNullable<TouchedKey[Name]>[] {
  const values = new Set<NonNullable<TouchedKey[Name]>>();
  for (const key of keys) {
    const value = key[name];
    if (value !== undefined) values.add(value);
  }
  return [...values];
}

/** An entry without the record's largest parts. The hash still covers the record as it was: the original can be shown. */
function shortened(record: KmsRecord, use: KeyUse, concern: Attribution, whole: Uint8Array): Uint8Array {
  const of = { recordBytes: whole.length, recordSha256: hash('sha256', whole, 'hex') };
  const encryptionContextsSha256 = hash('sha256', contextsOf(concern.keys), 'hex');
  const starts = [
    { head: headOf(record, use, concern), of },
    { head: headOf(record, use, withoutContexts(concern)), of: { ...of, encryptionContextsSha256 } },
  ];
  const members = membersOf(concern.isPartial ? partOfRecord(record, concern.keys) : record);
  for (const { head, of } of starts) {
    for (const way of [NAMED, COUNTED]) {
      const redacted = concern.isPartial ? REDACTED : undefined;
      const bytes = cutToFit(members, way, (gone) => head + tailOf(redacted, { ...of, ...way.said(gone) }));
      if (bytes) return bytes;
    }
  }
  throw new ContractViolation('record', `names more than the ${ENTRY_BYTES_MAX} bytes of an entry can hold`);
}

/** A member of a record. */
interface Member {
  readonly name: string;
  /** Name and value as JSON. */
  readonly json: string;
  readonly bytes: number;
  /** Of the value, in characters. */
  readonly size: number;
}

function membersOf(record: Readonly<Record<string, unknown>>): readonly Member[] {
  return Object.entries(record).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const text = written(value);
    const json = `${jsonString(name)}:${text}`;
    return [{ name, json, bytes: Buffer.byteLength(json), size: text.length }];
  });
}

const namesOf = (members: readonly Member[]): readonly string[] => members.map(({ name }) => name);

const largestFirst = (members: readonly Member[]): Member[] => [...members].sort((one, other) => other.size - one.size);

/** How an entry says which members are gone: those come in the order of the record. */
interface Way {
  said(gone: readonly Member[]): Pick<Cut, 'fields' | 'fieldCount' | 'fieldsSha256'>;
  /** The most bytes that one more of them adds to what is said. */
  bytesFor(name: string): number;
}

const NAMED: Way = {
  said: (gone) => ({ fields: namesOf(largestFirst(gone)) }),
  bytesFor: (name) => Buffer.byteLength(jsonString(name)) + ','.length,
};

const COUNT_DIGITS = 8;

/** Where their names alone are too many. */
const COUNTED: Way = {
  said: (gone) => ({
    fields: [],
    fieldCount: gone.length,
    fieldsSha256: hash('sha256', jsonStrings(namesOf(gone)), 'hex'),
  }),
  bytesFor: () => 0,
};

/** The largest members go until the rest fits. Each is measured once: a record may have a hundred thousand. */
function cutToFit(
  members: readonly Member[],
  way: Way,
  opening: (gone: readonly Member[]) => string,
): Uint8Array | undefined {
  let bytes = Buffer.byteLength(`${opening([])}{}}`) + COUNT_DIGITS;
  for (const member of members) bytes += member.bytes + ','.length;
  const gone = new Set<Member>();
  for (const member of largestFirst(members)) {
    if (gone.size > 0 && bytes <= ENTRY_BYTES_MAX) break;
    gone.add(member);
    bytes += way.bytesFor(member.name) - member.bytes - ','.length;
  }
  if (bytes > ENTRY_BYTES_MAX) return undefined;
  const left = members.filter((member) => !gone.has(member)).map(({ json }) => json);
  return joined(opening(members.filter((member) => gone.has(member))), Buffer.from(`{${left.join(',')}}`));
}

const withoutContexts = (concern: Attribution): Attribution => ({
  ...concern,
  keys: concern.keys.map(({ encryptionContext: _, ...key }) => key),
});

function written(record: unknown): string {
  try {
    return JSON.stringify(record);
  } catch (error) {
    // The one way in which writing what JSON.parse read can fail.
    if (error instanceof RangeError) throw new ContractViolation('record', 'is nested too deeply', { cause: error });
    throw error;
  }
}
