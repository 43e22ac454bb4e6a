/** One rotation of one key. */
import type { RotationStrategy } from '../../../events/fields';
import type { Moves } from '../legal-moves';

/** `blocked`: somebody has to do something, which the row names; it goes on when that is done. */
export type RotationState = 'requested' | 'rotating' | 'rotated' | 'done' | 'blocked';

/** One that somebody else did is `rotated` or `done` when we first hear of it. */
export const ROTATION_MOVES = {
  entityType: 'rotation',
  stateOf: ({ state }) => state,
  states: {
    requested: { initial: true, next: ['rotating', 'rotated', 'done', 'blocked'] },
    rotating: { next: ['requested', 'rotated', 'done', 'blocked'] },
    blocked: { next: ['requested', 'rotating', 'rotated', 'done'] },
    rotated: { initial: true, next: ['done'] },
    done: { initial: true, next: [] },
  },
} as const satisfies Moves<Rotation, RotationState>;

/** One rotation of one key. At most one per key is open: the key names it in `openRotationId` until it is rotated. */
export interface Rotation {
  readonly rotationId: string;
  readonly kmsKeyArn: string;
  readonly customerId?: string;
  readonly strategy: RotationStrategy;
  readonly state: RotationState;
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
