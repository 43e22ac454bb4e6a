/** What one EventBridge event about keys asks for: entries in customers' streams, signals, or nothing for a reason. */

import { auditAppended } from '../../../events/audit-appended';
import {
  type EventBridgeEnvelope,
  KMS_SOURCE,
  kmsTrailContract,
  readEnvelope,
} from '../../../events/cloudtrail-envelope';
import type { KmsRecord } from '../../../events/cloudtrail-kms-record';
import { SOURCE } from '../../../events/define-event';
import { type KeyUse, keyUseOf, ownerAccountOf, type TouchedKey } from '../../../events/kms-key-use';
import { kmsKeyDeleted, kmsKeyMaterialExpired, type NativeKeyContract } from '../../../events/kms-native-events';
import { type Own, signalOf } from '../availability/key-signals';
import type { KeySignal } from '../availability/raise-signal';
import { OPERATOR_ID } from '../customers/customer';
import type { CustomerLookup, KnownCustomers } from '../customers/customer-lookup';
import { atMost } from '../instants';
import type { BlockedUse, ObservedUse } from '../keys/observed-use';
import type { Wrapping } from '../keys/ports';
import { storedFact } from '../outbox/stored-fact';
import type { Clock, ControlStore } from '../ports';
import { refuseInvented } from '../retirement/verify/invented-certificate';
import { type Attribution, attribute } from './attribute';
import { entryOfFact, entryOfRecord } from './audit-entry';
import type { NamedEntry } from './audit-messages';
import { namesOfFact, namesOfForwarded, namesOfOwn } from './event-name';
import { isSelfCaused, type StreamWriter } from './self-caused';

export interface EventEffects {
  readonly entries: readonly NamedEntry[];
  readonly signals: readonly KeySignal[];
  /** Materials of keys that we depend on, one for each time that they encrypted. */
  readonly uses: readonly Wrapping[];
  /** Keys that were used with success, whatever for. */
  readonly used: readonly ObservedUse[];
  /** Keys that somebody tried to use and could not, because of the state that they are in. */
  readonly blocked: readonly BlockedUse[];
}

export interface Ignored {
  readonly ignored: string;
}

/** Events of any other account than our own were forwarded by a customer: they are believed about that customer only. */
export interface Reader extends Own {
  readonly control: Pick<ControlStore, 'find' | 'fact'>;
  readonly customers: CustomerLookup;
  readonly streamWriter: StreamWriter;
  readonly clock: Clock;
}

export const NOTHING: EventEffects = { entries: [], signals: [], uses: [], used: [], blocked: [] };

/** @throws ContractViolation naming the field at fault, and what the lookup throws. */
export async function readKeyEvent(event: unknown, reader: Reader): Promise<EventEffects | Ignored> {
  const envelope = readEnvelope(event);
  if (envelope.source === SOURCE) return readFact(envelope, reader);
  const contract = kmsTrailContract(envelope);
  if (contract) return readRecord(contract.read(envelope.detail), envelope, reader);
  if (envelope.source === KMS_SOURCE) return readNative(envelope, reader);
  return { ignored: `nothing is recorded of ${envelope.source}` };
}

async function readFact({ account, detail, 'detail-type': detailType }: EventBridgeEnvelope, reader: Reader) {
  if (account !== reader.ownAccountId) return { ignored: `account ${account} does not publish our facts` };
  // A stream that told of its own growth would never stop growing.
  if (detailType === auditAppended.detailType) return { ignored: 'it tells of a stream itself' };
  const fact = await storedFact({ detailType, detail }, reader.control);
  await refuseInvented(fact, reader.control);
  const { customerId = OPERATOR_ID } = fact.detail;
  const entry = entryOfFact(String(customerId), fact);
  return { ...NOTHING, entries: [{ ...entry, names: namesOfFact(fact.factId) }] };
}

async function readRecord(
  record: KmsRecord,
  envelope: EventBridgeEnvelope,
  reader: Reader,
): Promise<EventEffects | Ignored> {
  const { account } = envelope;
  if (record.recipientAccountId !== account) {
    return { ignored: `account ${account} sent a record of account ${record.recipientAccountId}` };
  }
  const use = keyUseOf(record);
  const known = await reader.customers.indexFor([use]);
  return account === reader.ownAccountId
    ? readOwn(record, use, known, reader)
    : readForwarded(record, use, known, reader);
}

/** Of our own account everything is recorded: what is no customer's goes into the operator's stream. */
function readOwn(record: KmsRecord, use: KeyUse, known: KnownCustomers, reader: Reader): EventEffects {
  const concerns = attribute(use, known);
  // A key that serves many customers is nobody's alone: its signals count though no customer's stream tells of them.
  const arns = registeredOf(use.keys, known);
  const deferred = concerns.length === 0 && arns.length === 0 && isSelfCaused(record, use, reader.streamWriter);
  const names = namesOfOwn(use);
  const all = [...concerns, ...operatorsOf(use, concerns)];
  const entries = all.map((concern) => ({ ...entryOfRecord(record, use, concern), names, deferred }));
  return { entries, uses: encryptionsOf(use, arns), ...hintsOf(use, names.dedupeKeys[0], arns, reader) };
}

/**
 * The operator sees the whole record where any key in it is no customer's or is not named, as in some refusals: then the
 * context alone says whose it was, which is the caller's word.
 */
function operatorsOf(use: KeyUse, concerns: readonly Attribution[]): readonly Attribution[] {
  const isCustomers = (key: TouchedKey) =>
    key.kmsKeyArn !== undefined && concerns.some((concern) => concern.keys.includes(key));
  if (use.keys.length > 0 && use.keys.every(isCustomers)) return [];
  return [{ customerId: OPERATOR_ID, keys: use.keys, isPartial: false }];
}

/**
 * Of another account what concerns its own customer is recorded. It is believed about its own keys: a context, beside a
 * key that we depend on or none, is enough for an entry of that customer, and for nothing that follows. Uses are not counted, ours are among them a second time.
 */
async function readForwarded(record: KmsRecord, use: KeyUse, known: KnownCustomers, reader: Reader) {
  const account = record.recipientAccountId ?? '';
  const concerns = await onlyOfAccount(account, attribute(use, known), reader.customers);
  if (concerns.length === 0) return { ignored: `it concerns no customer of account ${account}` };
  const names = namesOfForwarded(use, account);
  const entries = concerns.map((concern) => ({ ...entryOfRecord(record, use, concern), names }));
  const arns = registeredOf(keysIn(account, concerns), known);
  return { entries, uses: [], ...hintsOf(use, names.dedupeKeys[0], arns, reader) };
}

/** What others may want to look into. @param eventId What the hints are known by. */
function hintsOf(use: KeyUse, eventId: string, arns: readonly string[], reader: Reader) {
  const at = atMost(use.at, reader.clock.now());
  const signal = signalOf(use, reader);
  const signals = signal ? arns.map((kmsKeyArn) => ({ ...signal, kmsKeyArn, at })) : [];
  return { signals, ...touchesOf({ ...use, eventId, at }, arns) };
}

const registeredOf = (keys: readonly TouchedKey[], known: KnownCustomers): readonly string[] =>
  [...new Set(keys.flatMap(({ kmsKeyArn }) => kmsKeyArn ?? []))].filter(known.isRegistered);

const keysIn = (account: string, concerns: readonly Attribution[]) =>
  concerns
    .flatMap((concern) => concern.keys)
    .filter(({ kmsKeyArn }) => kmsKeyArn !== undefined && ownerAccountOf(kmsKeyArn) === account);

/** Operations that encrypt; ReEncrypt does on its destination side. Source: KMS API reference. */
const ENCRYPTING: ReadonlySet<string> = new Set([
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
]);

function encryptionsOf({ operation, outcome, keys }: KeyUse, registeredArns: readonly string[]): readonly Wrapping[] {
  if (outcome !== 'ok') return [];
  return keys.flatMap(({ kmsKeyArn, keyMaterialId, side }) => {
    const isEncryption = ENCRYPTING.has(operation) || (operation === 'ReEncrypt' && side === 'destination');
    if (!isEncryption || !kmsKeyArn || !keyMaterialId || !registeredArns.includes(kmsKeyArn)) return [];
    return [{ kmsKeyArn, keyMaterialId }];
  });
}

/** What KMS answers to the use of a key that is disabled or waits for its deletion. Source: SDK client-kms, errors. */
const UNUSABLE: ReadonlySet<string> = new Set(['DisabledException', 'KMSInvalidStateException']);

function touchesOf({ kind, outcome, errorCode = '', operation, at, eventId }: KeyUse, arns: readonly string[]) {
  const touched = kind === 'crypto-use' ? arns : [];
  const observed = `${operation} failed: ${errorCode}`;
  return {
    used: outcome === 'ok' ? touched.map((kmsKeyArn) => ({ kmsKeyArn, at })) : [],
    blocked: UNUSABLE.has(errorCode) ? touched.map((kmsKeyArn) => ({ kmsKeyArn, at, eventId, observed })) : [],
  };
}

async function onlyOfAccount(accountId: string, concerns: readonly Attribution[], customers: CustomerLookup) {
  const known = await Promise.all(concerns.map(({ customerId }) => customers.customer(customerId)));
  return concerns.filter((_, at) => known[at]?.accountId === accountId);
}

/** Native events that tell of a loss. Their CloudTrail twins go into the streams; a rotation is no loss. */
const LOSSES: readonly NativeKeyContract<unknown>[] = [kmsKeyMaterialExpired, kmsKeyDeleted];

async function readNative(
  envelope: EventBridgeEnvelope,
  { customers, ownAccountId, clock }: Reader,
): Promise<EventEffects | Ignored> {
  const contract = LOSSES.find(({ detailType }) => detailType === envelope['detail-type']);
  if (!contract) return { ignored: `nothing is recorded of ${envelope['detail-type']}` };
  const { kmsKeyArn, at } = contract.read(envelope);
  const owner = await customers.ownerOf(kmsKeyArn);
  const isOfSender = ownerAccountOf(kmsKeyArn) === envelope.account;
  const isBelieved = isOfSender && (envelope.account === ownAccountId || owner?.accountId === envelope.account);
  if (!isBelieved || !(await customers.isRegistered(kmsKeyArn))) return { ignored: 'it concerns no customer' };
  const observed = `${envelope['detail-type']} in account ${envelope.account}`;
  return { ...NOTHING, signals: [{ signal: 'native-event', observed, kmsKeyArn, at: atMost(at, clock.now()) }] };
}
