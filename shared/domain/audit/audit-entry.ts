/**
 * The bytes of an audit entry: one JSON object without line breaks, its members always in the order below.
 *
 * `record` is the CloudTrail record itself, unknown fields included, every part of it as it was received; `raw` is its text
 * where that had whitespace between the parts. Where something is left out the entry says so: `redacted` when the record
 * also touches a key that is not this customer's, `cut` when it is larger than an entry may be. The SHA-256 is that of
 * the text as it was received, so that the original can be shown to belong here.
 *
 * node:crypto is used for hashing only: a pure function, and no package computes SHA-256 as fast.
 */
import { hash } from 'node:crypto';
import type { KmsRecord } from '../../../events/cloudtrail-kms-record';
import { ContractViolation, type Fact } from '../../../events/define-event';
import type { KeyUse, TouchedKey } from '../../../events/kms-key-use';
import { cutToFit, type Gone } from './cut-record';
import { jsonObject, jsonString, jsonStrings } from './json-text';
import { partOfRecord } from './partial-record';
import { withoutSpaces } from './raw-json';
import type { OwnCall, Provenance, ReceivedRecord } from './received-record';
import type { Attribution } from './whose-record';

/** An entry's length is a uint16 in its bundle. Source: C2SP tlog-tiles. */
export const ENTRY_BYTES_MAX = 65_535;

/** 1 had no provenance, and wrote records anew that came in events or with whitespace. */
const ENTRY_VERSION = 2;

export interface EncodedEntry {
  readonly customerId: string;
  readonly bytes: Uint8Array;
}

/**
 * The entry for one customer whom a record concerns.
 *
 * @param received kept byte for byte.
 * @param own where the call was ours.
 * @throws ContractViolation for a record that is nested too deeply, or whose names alone fill an entry.
 */
export function entryOfRecord(
  record: KmsRecord,
  use: KeyUse,
  concern: Attribution,
  received: ReceivedRecord,
  own?: OwnCall,
): EncodedEntry {
  const shown = concern.isPartial ? partShown(record, concern, received) : wholeShown(received);
  const open = (seen: Attribution) => headOf(record, use, seen) + originOf(received.provenance, own) + shown.members;
  const { customerId } = concern;
  for (const { members, record: utf8 } of shown.ways) {
    const bytes = joined(`${open(concern)}${members}"record":`, utf8());
    if (bytes.length <= ENTRY_BYTES_MAX) return { customerId, bytes };
  }
  return { customerId, bytes: shortened(open, concern, shown) };
}

/** What an entry shows of a record. */
interface Shown {
  /** What is said of it however much of it fits. */
  readonly members: string;
  /** As JSON without whitespace between its parts. */
  readonly text: string;
  /** Of its text as it was received. */
  readonly of: Pick<Cut, 'recordBytes' | 'recordSha256'>;
  /** Members that go with the whole of it, and its bytes: the first that fit are taken. */
  readonly ways: readonly { readonly members: string; readonly record: () => Uint8Array }[];
}

/** Its own text is kept beside it where there was whitespace in it, as long as both fit. */
function wholeShown({ text, isCompact, utf8 = Buffer.from(text) }: ReceivedRecord): Shown {
  const of = { recordBytes: utf8.length, recordSha256: hash('sha256', utf8, 'hex') };
  const members = `"recordSha256":"${of.recordSha256}",`;
  if (isCompact) return { members, text, of, ways: [{ members: '', record: () => utf8 }] };
  const compact = withoutSpaces(text);
  const record = () => Buffer.from(compact);
  const ways = [
    { members: `"raw":${jsonString(text)},`, record },
    { members: cutMember({ ...of, fields: [] }), record },
  ];
  return { members, text: compact, of, ways };
}

/** Without the hash of the whole, by which one could try what the other customer's contexts are. */
function partShown(record: KmsRecord, { keys }: Attribution, received: ReceivedRecord): Shown {
  const text = partOfRecord(received.text, record, keys);
  const utf8 = Buffer.from(text);
  const of = { recordBytes: utf8.length, recordSha256: hash('sha256', utf8, 'hex') };
  return { members: `"redacted":${jsonString(REDACTED)},`, text, of, ways: [{ members: '', record: () => utf8 }] };
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
interface Cut extends Gone {
  readonly recordBytes: number;
  readonly recordSha256: string;
  /** Of the member `encryptionContexts` as it was, where that too had to go: KMS takes contexts larger than an entry. */
  readonly encryptionContextsSha256?: string;
}

const cutMember = (cut: Cut): string => `"cut":${JSON.stringify(cut)},`;

const originOf = (provenance: Provenance, own: OwnCall | undefined): string =>
  `${own ? `"own":${JSON.stringify(own)},` : ''}"provenance":${JSON.stringify(provenance)},`;

function joined(members: string, record: Uint8Array): Uint8Array {
  const start = Buffer.byteLength(members);
  const bytes = Buffer.allocUnsafe(start + record.length + 1);
  bytes.write(members);
  bytes.set(record, start);
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
function shortened(open: (seen: Attribution) => string, concern: Attribution, { text, of }: Shown): Uint8Array {
  const encryptionContextsSha256 = hash('sha256', contextsOf(concern.keys), 'hex');
  const starts = [
    { head: open(concern), of },
    { head: open(withoutContexts(concern)), of: { ...of, encryptionContextsSha256 } },
  ];
  for (const { head, of } of starts) {
    const fitting = cutToFit(text, ENTRY_BYTES_MAX, (gone) => `${head}${cutMember({ ...of, ...gone })}"record":`);
    if (fitting) return joined(fitting.opening, Buffer.from(fitting.record));
  }
  throw new ContractViolation('record', `names more than the ${ENTRY_BYTES_MAX} bytes of an entry can hold`);
}

const withoutContexts = (concern: Attribution): Attribution => ({
  ...concern,
  keys: concern.keys.map(({ encryptionContext: _, ...key }) => key),
});
