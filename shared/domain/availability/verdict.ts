/** What we found out about a key: one cause, whose act it is, and how we know. */
import type { Availability, Confidence, Party } from '../../../events/fields';

/** Why a key is not available, or will not be: exactly one, from what we saw with our own credentials. Names are kept in rows. */
export const CAUSES = [
  'key-disabled',
  'key-pending-deletion',
  'key-deleted',
  'key-material-missing',
  'key-material-expired',
  'key-material-deleted',
  'key-material-expiring',
  'key-policy',
  'grant-gone',
  'context-refused',
  'role-refused',
  'role-gone',
  'trust-lost',
  'external-id-refused',
  'role-permissions',
  'customer-scp',
  'customer-rcp',
  'access-denied',
  'partial-loss',
  'alias-moved',
  'wrong-region-or-account',
  'key-store-unavailable',
  'own-permissions',
  'own-scp',
  'own-endpoint-policy',
  'throttled',
  'kms-outage',
  'sts-outage',
  'network',
  'unconfirmed',
] as const;
export type Cause = (typeof CAUSES)[number];

/** Causes that keep us from looking by a policy of our own: applications call with roles of their own, and may be served. */
export const OWN_POLICY_CAUSES: ReadonlySet<Cause> = new Set(['own-permissions', 'own-scp', 'own-endpoint-policy']);

/** The kinds of policy that AWS decides by. `unknown`: AWS named none. `resource`: a key policy, a grant, or the trust policy of a role. */
export type PolicyKind =
  | 'identity'
  | 'session'
  | 'boundary'
  | 'service-control'
  | 'resource'
  | 'resource-control'
  | 'vpc-endpoint'
  | 'unknown';

/** An action that we need of a key and have no more: by the key's policy as we read it, or by a refusal of KMS. */
export interface LostAction {
  /** `kms:GenerateDataKey` */
  readonly action: string;
  /** The statement that denies it; where none does, the nearest of those that might allow it, if there is one. */
  readonly statement?: string;
  /** The policy of the role that the statement is in: an inline one by its name, a managed one by its ARN. Absent: the key's, or the trust policy. */
  readonly policy?: string;
  readonly isExplicit: boolean;
  /**
   * What else is known of it. `grant`: a grant gave it that is no more. `context`: the policy asks for another encryption context
   * than ours. `role`: the role by which we come lets nobody in anew. Absent: the policy alone.
   */
  readonly by?: 'grant' | 'context' | 'role';
  /** What KMS, or of a role STS, told when it refused it. Absent: it is the policy, as we read it, that says so. */
  readonly refusedBy?: PolicyKind;
}

/** What we confirmed ourselves. */
export interface Verdict {
  readonly availability: Availability;
  readonly cause?: Cause;
  /** Whose act a loss is. */
  readonly party?: Party;
  /** How far the cause is known; absent of verdicts from before this was told. */
  readonly confidence?: Confidence;
  /** What was observed, in a sentence for a person. */
  readonly evidence: string;
  /** What we have no more of all that we need, while the key still serves. */
  readonly lost?: readonly LostAction[];
  /** When what is lost is refused at the latest, where it still works. */
  readonly bitesAt?: string;
  /** The last moment until which what is lost can be had again: the date of deletion, for example. */
  readonly recoverableUntil?: string;
  readonly at: string;
}
