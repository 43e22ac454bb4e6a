/**
 * The three events that KMS sends to EventBridge by itself, beside their CloudTrail twins. The key is in `resources`.
 *
 * Delivery: best effort; KMS says that a deletion may arrive twice within seconds. Deduplicate on the event's `id`; each
 * has a twin in CloudTrail (RotateKey, DeleteExpiredKeyMaterial, DeleteKey): an audit stream holds the twin.
 * Source: AWS KMS Developer Guide, "Monitoring KMS keys with Amazon EventBridge".
 */
import * as z from 'zod/mini';
import { KMS_SOURCE, readEnvelope } from './cloudtrail-envelope';
import { readWith } from './define-event';
import { keyMaterialId, kmsKeyArn, text } from './fields';
import { withMilliseconds } from './kms-key-use';

export interface NativeKeyEvent<Detail> {
  readonly eventId: string;
  readonly at: string;
  readonly accountId: string;
  readonly kmsKeyArn: string;
  readonly detail: Detail;
}

export interface NativeKeyContract<Detail> {
  readonly detailType: string;
  /** The rule pattern that matches this contract and nothing else, its CloudTrail twin included. */
  readonly pattern: { readonly source: readonly string[]; readonly 'detail-type': readonly string[] };
  /** Reads a received event. Throws ContractViolation naming the field at fault. */
  read(envelope: unknown): NativeKeyEvent<Detail>;
  /** Builds the event; times and ids are EventBridge's to give. Throws as `read` does. */
  of(kmsKeyArn: string, detail: Detail): { source: string; 'detail-type': string; resources: string[]; detail: Detail };
}

/** New key material came into use. Before 2025 the detail named the key only. */
export const kmsKeyRotatedNatively = nativeContract(
  'KMS CMK Rotation',
  z.looseObject({
    'key-id': text,
    'key-origin': z.optional(z.string()),
    'rotation-type': z.optional(z.string()),
    'previous-key-material-id': z.optional(keyMaterialId),
    'current-key-material-id': z.optional(keyMaterialId),
  }),
);

/** Imported key material reached its `ValidTo`: the whole key is unusable from now on. */
export const kmsKeyMaterialExpired = nativeContract(
  'KMS Imported Key Material Expiration',
  z.looseObject({ 'key-id': text, 'key-material-id': z.optional(keyMaterialId) }),
);

/** The waiting period is over and the key is gone. */
export const kmsKeyDeleted = nativeContract('KMS CMK Deletion', z.looseObject({ 'key-id': text }));

function nativeContract<Detail extends Readonly<Record<string, unknown>>>(
  detailType: string,
  schema: z.ZodMiniType<Detail>,
): NativeKeyContract<Detail> {
  return {
    detailType,
    pattern: { source: [KMS_SOURCE], 'detail-type': [detailType] },
    read(value) {
      const envelope = readEnvelope(value);
      readWith(z.literal(detailType), 'event.detail-type', envelope['detail-type']);
      return {
        eventId: envelope.id,
        at: withMilliseconds(envelope.time),
        accountId: envelope.account,
        kmsKeyArn: readWith(kmsKeyArn, 'event.resources.0', envelope.resources?.[0]),
        detail: readWith(schema, 'event.detail', envelope.detail),
      };
    },
    of(arn, detail) {
      return {
        source: KMS_SOURCE,
        'detail-type': detailType,
        resources: [readWith(kmsKeyArn, 'event.resources.0', arn)],
        detail: readWith(schema, 'event.detail', detail),
      };
    },
  };
}
