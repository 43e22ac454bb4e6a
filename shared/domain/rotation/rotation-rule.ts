/**
 * Rules: by which terms the keys of an encryption option, of a customer, or one key are rotated. Of several that fit, the
 * most specific wins.
 *
 * A rule is not read when a key is due: it is written into the policy of each key it is for, so that the planner's index
 * knows when each is due.
 */

import { DAY_MS, later } from '../instants';
import type { KmsKey } from '../keys/kms-key';
import { defined } from '../optional-fields';
import { stableHash } from '../stable-hash';
import type { RotationPolicy } from './rotation-policy';
import type { RotationTerms } from './rotation-terms';

export interface RotationRule extends RotationTerms {
  /** `option/<option>`, `customer/<customerId>` or `key/<kmsKeyArn>`. */
  readonly scope: string;
  readonly setBy: string;
  readonly setAt: string;
  /** How far it has been written into policies. Absent: from the beginning. */
  readonly appliedUpTo?: string;
  /** When it is written on. `NEVER` once every policy has it. */
  readonly dueAt: string;
  readonly revision: number;
}

/** The scopes that a key is in, the most specific first. */
export const scopesOf = ({ kmsKeyArn, customerId, option }: Pick<KmsKey, 'kmsKeyArn' | 'customerId' | 'option'>) => [
  `key/${kmsKeyArn}`,
  ...(customerId === undefined ? [] : [`customer/${customerId}`]),
  `option/${option}`,
];

/** The terms alone, of a rule or a policy. */
export function termsOf(from: RotationTerms): RotationTerms {
  const { strategy, periodDays, reencrypt, window, triggers, onDrift, agreedShare, retirement } = from;
  return {
    strategy,
    periodDays,
    reencrypt,
    ...defined({ window, triggers, onDrift, agreedShare, retirement }),
  };
}

/** By how much keys that a rule makes due at once are kept apart. */
const SPREAD_MS = DAY_MS;

/**
 * The policy of a key as a rule has it; undefined when there is nothing to change. Terms that were given for one key
 * alone yield only to a rule for that key. A rotation that is open, or was triggered, keeps its time.
 */
export function policyUnder(
  rule: RotationRule,
  key: Pick<KmsKey, 'kmsKeyArn' | 'openRotationId'>,
  policy: RotationPolicy | undefined,
  now: string,
): RotationPolicy | undefined {
  const { scope, setAt } = rule;
  if (policy && policy.scope === undefined && !scope.startsWith('key/')) return undefined;
  if (policy?.scope === scope && policy.ruleSetAt === setAt) return undefined;
  const { kmsKeyArn, openRotationId } = key;
  const expiresAt = policy?.expiresAt;
  const terms = {
    kmsKeyArn,
    ...termsOf(rule),
    scope,
    ruleSetAt: setAt,
    ruledAt: now,
    since: policy?.since ?? now,
    ...defined({ expiresAt }),
  };
  if (policy && (openRotationId !== undefined || policy.triggered)) {
    const { triggered, dueAt, revision } = policy;
    return { ...terms, ...(triggered && { triggered }), dueAt, revision };
  }
  const apart = later(now, stableHash(kmsKeyArn) % SPREAD_MS);
  const dueAt = nextDueAt(terms, terms.since);
  return { ...terms, dueAt: policy && dueAt < now ? apart : dueAt, revision: policy?.revision ?? 0 };
}

/** Part of a period by which keys that were registered together drift apart: what is due spreads by itself. */
const SPREAD = 0.05;

/** How long before imported material expires its rotation is due: import and approval take people's time. */
export const EXPIRY_LEAD_MS = 30 * DAY_MS;

/**
 * When a policy is due next. What AWS rotates by itself is looked after every day: that is how drift is noticed. Imported
 * material is rotated before it expires.
 */
export function nextDueAt(
  policy: Pick<RotationPolicy, 'kmsKeyArn' | 'strategy' | 'periodDays' | 'expiresAt'>,
  since: string,
): string {
  const { kmsKeyArn, strategy, periodDays, expiresAt } = policy;
  if (strategy === 'kms-automatic') return later(since, DAY_MS);
  const periodMs = periodDays * DAY_MS;
  const dueAt = later(since, periodMs - (stableHash(kmsKeyArn) % Math.max(1, Math.floor(periodMs * SPREAD))));
  const beforeExpiry = expiresAt === undefined ? dueAt : later(expiresAt, -EXPIRY_LEAD_MS);
  return beforeExpiry < dueAt ? beforeExpiry : dueAt;
}
