/** set-rotation-rule: by which terms the keys of a scope are rotated from now on. */

import { incidentClosed } from '../../../events/incident-closed';
import { keyCompromised } from '../../../events/key-compromised';
import { rotationRuleSet } from '../../../events/rotation-rule-set';
import { isHeldByCustomer } from '../customers/encryption-options';
import { invalid, KeywrightError } from '../errors';
import type { KmsKey } from '../keys/kms-key';
import type { KeyObserver } from '../keys/ports';
import { defined } from '../optional-fields';
import { newFact } from '../outbox/new-fact';
import type { Clock, ControlStore, Ids, Log } from '../ports';
import { mustFind } from '../require-row';
import { type RetirementTerms, refuseRetirementTerms } from '../retirement/retirement-terms';
import { retryOnConflict } from '../retry-on-conflict';
import { applyRule, keysIn } from './apply-rotation-rules';
import { AUTOMATIC_DAYS, refuseStrategy, STRATEGIES_OF, USES_MAX, unfitFor } from './rotation-limits';
import { type RotationRule, termsOf } from './rotation-rule';
import type { RotationTerms } from './rotation-terms';
import { refuseBadWindow } from './work-window';

export interface RuleRequest extends RotationTerms {
  /** `option/<option>`, `customer/<customerId>` or `key/<kmsKeyArn>`. */
  readonly scope: string;
  /** Who asks. */
  readonly by: string;
  /** Tells what would happen, and touches nothing. */
  readonly dryRun?: boolean;
}

export interface RulePorts {
  readonly control: ControlStore;
  readonly observer: Pick<KeyObserver, 'describe'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

export interface RuleSet {
  readonly rule: RotationRule;
  /** The first keys that it is for. */
  readonly kmsKeyArns: readonly string[];
  /** Whether there are more. */
  readonly more: boolean;
}

/** Facts that can make a rotation due: each names the key that it is about. */
export const TRIGGER_FACTS: readonly string[] = [keyCompromised.detailType, incidentClosed.detailType];

/** A century: a mistyped period is refused, not waited for. */
const PERIOD_DAYS_MAX = 36_500;

/** How many of the keys are named in the answer. */
const SHOWN_MAX = 100;

/**
 * Sets the rule of a scope, in place of the one before. It is written into the policies of its keys bit by bit.
 *
 * Safe to repeat. A key that is under a more specific rule, or under terms of its own, keeps those.
 *
 * @throws KeywrightError `input.invalid`, `state.not-found`, `state.forbids`: nothing was touched. `kms.*`, `sts.*`.
 */
export async function setRotationRule(request: RuleRequest, ports: RulePorts): Promise<RuleSet> {
  const { customerId } = await refuseUnfitting(request, ports);
  const rule = await retryOnConflict(() => commitRule(request, customerId, ports));
  const { kmsKeyArns, next } = await keysIn(rule.scope, { limit: SHOWN_MAX }, ports);
  if (!request.dryRun) await applyRule(rule.scope, ports);
  return { rule, kmsKeyArns, more: next !== undefined };
}

async function commitRule(request: RuleRequest, customerId: string | undefined, ports: RulePorts) {
  const { scope, by, dryRun } = request;
  const now = ports.clock.now();
  const before = await ports.control.find('rotation-rule', scope);
  const rule: RotationRule = {
    scope,
    ...termsOf(request),
    setBy: by,
    setAt: now,
    dueAt: now,
    revision: before?.revision ?? 0,
  };
  if (dryRun) return rule;
  const { strategy, periodDays, reencrypt } = rule;
  const fact = newFact(rotationRuleSet, ports, {
    at: now,
    scope,
    customerId,
    strategy,
    periodDays,
    reencrypt,
    setBy: by,
  });
  await ports.control.commit({ writes: [{ entityType: 'rotation-rule', row: rule }], facts: [fact] });
  return rule;
}

async function refuseUnfitting(request: RuleRequest, ports: RulePorts): Promise<{ readonly customerId?: string }> {
  const { option, key, customerId } = await subjectOf(request.scope, ports);
  refuseTerms(request, option);
  if (key) {
    const why = unfitFor(request.strategy, await ports.observer.describe(key));
    if (why !== undefined) throw invalid('strategy', why);
  }
  return customerId === undefined ? {} : { customerId };
}

interface Subject {
  readonly option: KmsKey['option'];
  readonly customerId?: string;
  readonly key?: KmsKey;
}

/** What a scope is about. */
async function subjectOf(scope: string, ports: RulePorts): Promise<Subject> {
  const at = scope.indexOf('/');
  const [kind, id] = [scope.slice(0, Math.max(0, at)), scope.slice(at + 1)];
  const subject = SUBJECTS[kind];
  if (!subject || id === '') throw invalid('scope', 'name option/<option>, customer/<customerId> or key/<full ARN>.');
  return subject(id, ports);
}

const SUBJECTS: Readonly<Record<string, (id: string, ports: RulePorts) => Promise<Subject>>> = {
  async option(id) {
    const options = Object.keys(STRATEGIES_OF) as KmsKey['option'][];
    const option = options.find((one) => one === id);
    if (!option) throw invalid('scope', `no keys of ours belong to option ${id}. There are: ${options.join(', ')}.`);
    return { option };
  },

  async customer(customerId, ports) {
    const { option } = await mustFind('customer', customerId, ports, 'scope');
    if (option === 'customer-specific' || option === 'customer-managed') return { option, customerId };
    throw invalid('scope', `${customerId} has no key of their own. Set the rule for option/managed.`);
  },

  async key(kmsKeyArn, ports) {
    const key = await mustFind('kms-key', kmsKeyArn, ports, 'scope');
    const { option, customerId, state, replacedBy } = key;
    if (state === 'active') return { option, key, ...defined({ customerId }) };
    const next = replacedBy ? `Set the rule for ${replacedBy}, which took its place.` : 'Name a key that is active.';
    throw new KeywrightError('state.forbids', `scope: the key is ${state} and is not rotated. ${next}`, {
      field: 'scope',
    });
  },
};

function refuseTerms(terms: RotationTerms, option: KmsKey['option']): void {
  const { strategy, periodDays, window, triggers, onDrift, agreedShare, retirement } = terms;
  refuseStrategy(strategy, option);
  refusePeriod(strategy, periodDays);
  if (window) refuseBadWindow(window, 'window');
  if (triggers) refuseTriggers(triggers);
  if (onDrift !== undefined && strategy !== 'kms-automatic') {
    throw invalid('onDrift', 'is for kms-automatic only: no other setting of KMS drifts. Leave it out.');
  }
  if (retirement) refuseRetirement(retirement, option);
  if (agreedShare === undefined) return;
  if (!isHeldByCustomer(option)) throw invalid('agreedShare', 'is for keys in customers’ accounts. Leave it out.');
  if (!(agreedShare > 0 && agreedShare <= 1)) throw invalid('agreedShare', 'must be more than 0 and at most 1.');
}

function refuseRetirement(retirement: RetirementTerms, option: KmsKey['option']): void {
  if (isHeldByCustomer(option)) {
    throw invalid('retirement', 'is for keys of ours: only the customer disables or deletes theirs. Leave it out.');
  }
  refuseRetirementTerms(retirement);
}

function refusePeriod(strategy: RotationTerms['strategy'], periodDays: number): void {
  const { min, max } = strategy === 'kms-automatic' ? AUTOMATIC_DAYS : { min: 1, max: PERIOD_DAYS_MAX };
  if (Number.isInteger(periodDays) && periodDays >= min && periodDays <= max) return;
  const way = strategy === 'kms-automatic' ? ' For another period use kms-on-demand or replace.' : '';
  throw invalid('periodDays', `must be a whole number of days from ${min} to ${max} for ${strategy}.${way}`);
}

function refuseTriggers({ maxUses, facts = [] }: NonNullable<RotationTerms['triggers']>): void {
  if (maxUses !== undefined && !(Number.isInteger(maxUses) && maxUses >= 1 && maxUses <= USES_MAX)) {
    throw invalid('triggers.maxUses', `must be a whole number from 1 to ${USES_MAX}, the limit of AES-GCM.`);
  }
  const unknown = facts.find((fact) => !TRIGGER_FACTS.includes(fact));
  if (unknown === undefined) return;
  throw invalid('triggers.facts', `${unknown} triggers nothing. There are: ${TRIGGER_FACTS.join(', ')}.`);
}
