/** One rotation of one key. */
import type { RotationStrategy } from '../../../events/fields';

/**
 * One rotation of one key. At most one per key is open: the key names it in `openRotationId` until it is rotated.
 *
 * requested -> rotating -> rotated -> done; `blocked` from any, with a reason, until somebody mends it.
 */
export interface Rotation {
  readonly rotationId: string;
  readonly kmsKeyArn: string;
  readonly customerId?: string;
  readonly strategy: RotationStrategy;
  readonly state: 'requested' | 'rotating' | 'rotated' | 'done' | 'blocked';
  /** `schedule` and `person` are ours; `observed` was somebody else's and is only followed. */
  readonly startedBy: 'schedule' | 'person' | 'observed';
  readonly fromKeyMaterialId: string;
  readonly toKmsKeyArn?: string;
  readonly toKeyMaterialId?: string;
  readonly jobId?: string;
  readonly blockedBy?: string;
  /** When KMS was last asked to rotate: committed before asking, because asking spends one of a key's 25 for life. */
  readonly askedAt?: string;
  /** Since when KMS, although it was asked, has shown neither new material nor a rotation in progress. */
  readonly idleSince?: string;
  /** How often somebody else was asked to do their part, and when last. */
  readonly reminded?: { readonly times: number; readonly at: string };
  /** The period that KMS was set to, and when. Anything else that it shows later was set by somebody else. */
  readonly automatic?: { readonly days: number; readonly setAt: string };
  /** What it shows instead, as it was told. */
  readonly drift?: string;
  /** The date of expiry of imported material that was told. */
  readonly expiryReported?: string;
  readonly requestedAt: string;
  readonly rotatedAt?: string;
  readonly doneAt?: string;
  readonly revision: number;
}
