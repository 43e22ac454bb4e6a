/** The terms by which one key is rotated, and when it is looked at next. */
import type { RotationTerms } from './rotation-terms';

/** The terms by which one key is rotated: what the planner reads. One row a key. */
export interface RotationPolicy extends RotationTerms {
  readonly kmsKeyArn: string;
  /** The rule that the terms come from. Absent: they were given for this key alone. */
  readonly scope?: string;
  /** When that rule was set. */
  readonly ruleSetAt?: string;
  /** When it was written here: a rotation that began before began by other terms. */
  readonly ruledAt?: string;
  /** When the last rotation ended, or the key was registered: periods count from here. */
  readonly since?: string;
  /** Why it is due before its time: the fact, `uses`, or `import`. Over with the next rotation. */
  readonly triggered?: { readonly by: string; readonly at: string };
  /** When imported material expires: the next rotation is due well before. */
  readonly expiresAt?: string;
  /** When to look at it next: the next rotation, or the next look at the one that is open. `NEVER` once it is over. */
  readonly dueAt: string;
  readonly revision: number;
}
