/**
 * Counts entries of a customer's audit log, one after the other. Nothing but the entry's own bytes and the payer's account is looked at, so
 * that whoever has the log comes to the same figures.
 *
 * Requests are counted from the records of the payer's own account, about calls of that account: AWS charges whoever makes a request, and
 * a forwarded copy of the same call is not a second one.
 */
import { ownerAccountOf } from '../../../events/kms-key-use';
import { KMS_OPERATIONS } from '../../../events/kms-operations';
import { atMost, FIRST } from '../instants';
import { endOf, hoursBegun, monthOf } from './month';
import type { RequestClass } from './prices';
import { KEYS_MAX, type KeyCharge, type Usage, type UsageMeter } from './usage';

/** An entry behind its length in two bytes, and its hash in a tile of 32. Source: docs/audit-log-format.md. */
const BYTES_BESIDE = 34;

/** What is read of an entry. A field that is not what it should be counts as absent. */
interface Entry {
  readonly at?: string;
  readonly kind?: string;
  readonly operation?: string;
  readonly outcome?: string;
  readonly kmsKeyArns?: readonly string[];
  readonly caller?: { readonly accountId?: string };
  readonly source?: { readonly accountId?: string };
  readonly record?: { readonly requestParameters?: Readonly<Record<string, unknown>> | null };
  readonly fact?: Readonly<Record<string, unknown>>;
}

/** When an entry is dated, and never later than now. */
export const datedAt = (entry: Entry, now: string): string => atMost(String(entry.at ?? FIRST), now);

/** @throws SyntaxError for bytes that are no JSON: no entry of ours. */
export const readEntry = (bytes: Uint8Array): Entry => JSON.parse(Buffer.from(bytes).toString()) as Entry;

/** The meter with one entry more. An entry that is dated before the month that is counted counts in it: it came late. */
export function countEntry(meter: UsageMeter, entry: Entry, byteCount: number, now: string): UsageMeter {
  const at = datedAt(entry, now);
  const isAfter = at >= endOf(meter.month);
  const counted = withEntry(isAfter ? meter.after : meter.usage, entry, byteCount + BYTES_BESIDE, at, meter);
  const keys = withKeys(meter, entry, at);
  return { ...meter, ...keys, ...(isAfter ? { after: counted } : { usage: counted }), nextIndex: meter.nextIndex + 1 };
}

function withEntry(usage: Usage, entry: Entry, bytes: number, at: string, meter: UsageMeter): Usage {
  const end = endOf(at < endOf(meter.month) ? meter.month : monthOf(at));
  const isRotation = entry.operation === ROTATED && entry.fact?.['toKmsKeyArn'] === entry.fact?.['kmsKeyArn'];
  const stored = {
    ...usage,
    entries: usage.entries + 1,
    bytes: usage.bytes + bytes,
    byteHours: usage.byteHours + bytes * hoursBegun(at, end),
    rotations: usage.rotations + (isRotation ? 1 : 0),
  };
  return isRequest(entry) ? withRequest(stored, entry, meter.payerAccountId) : stored;
}

const ROTATED = 'key-rotated.v1';

const isRequest = ({ kind }: Entry): boolean => kind === 'crypto-use' || kind === 'read' || kind === 'key-management';

/** KMS makes keys with these, and charges pairs by what they are made of. */
const MAKES_DATA_KEY = /^GenerateDataKey/;
const MAKES_PAIR = /^GenerateDataKeyPair/;
const ASYMMETRIC: ReadonlySet<string> = new Set(['Sign', 'Verify', 'DeriveSharedSecret', 'Encapsulate', 'Decapsulate']);

function withRequest(usage: Usage, entry: Entry, payer: string): Usage {
  const { operation = 'unknown', outcome } = entry;
  const isPayers = entry.source?.accountId === payer && (entry.caller?.accountId ?? payer) === payer;
  if (!isPayers) return { ...usage, requestsOfOthers: usage.requestsOfOthers + 1 };
  const ofClass = classOf(operation, entry.record?.requestParameters ?? {});
  return {
    ...usage,
    requests: plusOne(usage.requests, Object.hasOwn(KMS_OPERATIONS, operation) ? operation : 'other'),
    requestsByClass: plusOne(usage.requestsByClass, ofClass),
    failedRequests: usage.failedRequests + (outcome === 'failed' ? 1 : 0),
    dataKeys: usage.dataKeys + (outcome === 'ok' && MAKES_DATA_KEY.test(operation) ? 1 : 0),
    keyUses: chargedKeysOf(entry, payer).reduce<Usage['keyUses']>(plusOne, usage.keyUses),
  };
}

function classOf(operation: string, request: Readonly<Record<string, unknown>>): RequestClass {
  if (MAKES_PAIR.test(operation))
    return String(request['keyPairSpec']).startsWith('RSA') ? 'rsa-data-key-pair' : 'ecc-data-key-pair';
  const isByPublicKey = /^(RSAES|SM2)/.test(String(request['encryptionAlgorithm']));
  return ASYMMETRIC.has(operation) || isByPublicKey ? 'asymmetric-request' : 'request';
}

const plusOne = <Name extends string>(counts: Readonly<Partial<Record<Name, number>>>, name: Name) => ({
  ...counts,
  [name]: (counts[name] ?? 0) + 1,
});

/** Keys of the payer's account that it names; those of others cost their owner. */
function chargedKeysOf({ kmsKeyArns, fact }: Entry, payer: string): readonly string[] {
  const named = [...(kmsKeyArns ?? []), fact?.['kmsKeyArn'], fact?.['toKmsKeyArn']];
  const arns = named.filter((arn): arn is string => typeof arn === 'string' && ownerAccountOf(arn) === payer);
  return [...new Set(arns)];
}

/** What the entry says of keys: that there is one, that it was rotated, that it is to be deleted or is not. */
function withKeys(meter: UsageMeter, entry: Entry, at: string): Pick<UsageMeter, 'keys' | 'keysLeftOut'> {
  let { keys, keysLeftOut } = meter;
  for (const arn of chargedKeysOf(entry, meter.payerAccountId)) {
    const known = keys[arn];
    if (!known && Object.keys(keys).length >= KEYS_MAX) keysLeftOut += 1;
    else {
      const after = chargeAfter(known ?? { chargedTo: at, materialsChargedTo: [] }, arn, entry, at);
      if (after !== known) keys = { ...keys, [arn]: after };
    }
  }
  return { keys, keysLeftOut };
}

/** AWS charges what the first two rotations add. Source: KMS developer guide, rotating keys. */
const CHARGED_ROTATIONS = 2;

function chargeAfter(charge: KeyCharge, arn: string, { operation, outcome, fact }: Entry, at: string): KeyCharge {
  const { stoppedAt: _stopped, ...running } = charge;
  if (operation === 'ScheduleKeyDeletion' && outcome === 'ok') return { ...charge, stoppedAt: charge.stoppedAt ?? at };
  if (operation === 'CancelKeyDeletion' && outcome === 'ok') return running;
  const isRotated = operation === ROTATED && fact?.['kmsKeyArn'] === arn && fact['toKmsKeyArn'] === arn;
  if (!isRotated || charge.materialsChargedTo.length >= CHARGED_ROTATIONS) return charge;
  return { ...charge, materialsChargedTo: [...charge.materialsChargedTo, at] };
}
