/** Step 4: what the event says of the use of keys: how often they encrypted, that they are in use, that they are missed. */
import { isServed, type Own } from '../../availability/key-signals';
import type { BlockedUse, ObservedUse } from '../../keys/observed-use';
import type { Wrapping } from '../../keys/ports';
import type { Attributed, RecordEvent } from './key-event';

export interface EventUses {
  /** Materials of keys that we depend on, one for each time that they encrypted. */
  readonly uses: readonly Wrapping[];
  /** Keys that were used with success, whatever for. */
  readonly used: readonly ObservedUse[];
  /** Those of them that serve our applications. */
  readonly served: readonly ObservedUse[];
  /** Keys that somebody tried to use and could not, because of the state that they are in. */
  readonly blocked: readonly BlockedUse[];
}

export const NO_USES: EventUses = { uses: [], used: [], served: [], blocked: [] };

/** Encryptions that another account tells of are not counted: ours are among them a second time. */
export function findUses({ event, kmsKeyArns }: Attributed, own: Own): EventUses {
  if (event.kind !== 'record') return NO_USES;
  const { at, isOwn, use } = event;
  return {
    uses: isOwn ? encryptionsIn(event, kmsKeyArns) : [],
    served: isOwn && isServed(use, own) ? kmsKeyArns.map((kmsKeyArn) => ({ kmsKeyArn, at })) : [],
    ...touchesIn(event, kmsKeyArns),
  };
}

/** Operations that encrypt; ReEncrypt does on its destination side. Source: KMS API reference. */
const ENCRYPTING: ReadonlySet<string> = new Set([
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
]);

function encryptionsIn({ use }: RecordEvent, registeredArns: readonly string[]): readonly Wrapping[] {
  if (use.outcome !== 'ok') return [];
  return use.keys.flatMap(({ kmsKeyArn, keyMaterialId, side }) => {
    const isEncryption = ENCRYPTING.has(use.operation) || (use.operation === 'ReEncrypt' && side === 'destination');
    if (!isEncryption || !kmsKeyArn || !keyMaterialId || !registeredArns.includes(kmsKeyArn)) return [];
    return [{ kmsKeyArn, keyMaterialId }];
  });
}

/** What KMS answers to the use of a key that is disabled or waits for its deletion. Source: SDK client-kms, errors. */
const UNUSABLE: ReadonlySet<string> = new Set(['DisabledException', 'KMSInvalidStateException']);

function touchesIn({ use, at, names }: RecordEvent, arns: readonly string[]): Pick<EventUses, 'used' | 'blocked'> {
  const { kind, outcome, operation, errorCode = '' } = use;
  const touched = kind === 'crypto-use' ? arns : [];
  const seen = { at, eventId: names.dedupeKeys[0], observed: `${operation} failed: ${errorCode}` };
  return {
    used: outcome === 'ok' ? touched.map((kmsKeyArn) => ({ kmsKeyArn, at })) : [],
    blocked: UNUSABLE.has(errorCode) ? touched.map((kmsKeyArn) => ({ kmsKeyArn, ...seen })) : [],
  };
}
