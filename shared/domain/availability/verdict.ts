/** What we found out about a key: one cause, whose act it is, and how we know. */
import type { Availability, Party } from '../../../events/fields';

/** Why a key is not available: exactly one, confirmed with our own credentials. */
export const CAUSES = [
  'key-disabled',
  'key-pending-deletion',
  'key-deleted',
  'key-material-missing',
  'key-policy',
  'role-refused',
  'role-permissions',
  'access-denied',
  'key-store-unavailable',
  'own-permissions',
  'kms-outage',
  'throttled',
  'unconfirmed',
] as const;
export type Cause = (typeof CAUSES)[number];

/** An action that we need of a key and its policy no longer allows. */
export interface LostAction {
  /** `kms:GenerateDataKey` */
  readonly action: string;
  /** The statement that denies it; where none does, the nearest of those that might allow it, if there is one. */
  readonly statement?: string;
  readonly isExplicit: boolean;
}

/** What we confirmed ourselves. */
export interface Verdict {
  readonly availability: Availability;
  readonly cause?: Cause;
  /** Whose act a loss is. */
  readonly party?: Party;
  /** What was observed, in a sentence for a person. */
  readonly evidence: string;
  /** What the key's policy no longer allows, while the key still serves. */
  readonly lost?: readonly LostAction[];
  /** The last moment until which what is lost can be had again: the date of deletion, for example. */
  readonly recoverableUntil?: string;
  readonly at: string;
}
