/** Terms of rotation as a person reads them. */
import type { ShownPolicy } from '../../shared/domain/api/rotation-policy';
import { utc } from '../../shared/domain/instants';
import type { RetirementTerms } from '../../shared/domain/retirement/retirement-terms';
import type { RotationTerms } from '../../shared/domain/rotation/rotation-terms';
import type { RuleSet } from '../../shared/domain/rotation/set-rotation-rule';
import { printable } from '../output/printable-text';
import { grouped } from '../output/table';
import { wrapped } from '../output/wrapped';

export function showPolicy({ kmsKeyArn, policy, rule }: ShownPolicy): string {
  if (!policy) return `${kmsKeyArn}\n  has no policy: nothing rotates it. Give it one: keywright policy set --help`;
  return [
    kmsKeyArn,
    wrapped(termsText(policy), '  '),
    policy.scope === undefined ? '  given for this key alone' : `  by the rule ${policy.scope}`,
    ...(rule
      ? [wrapped(printable(`the rule for it is ${rule.scope}, set by ${rule.setBy} at ${utc(rule.setAt)}`), '  ')]
      : []),
    wrapped(
      printable(
        `looked at next at ${utc(policy.dueAt)}${policy.triggered ? `, because of ${policy.triggered.by}` : ''}`,
      ),
      '  ',
    ),
  ].join('\n');
}

export function termsText(terms: RotationTerms): string {
  const { strategy, periodDays, reencrypt, window, triggers, onDrift, agreedShare, retirement } = terms;
  return [
    `${strategy} every ${grouped(periodDays)} days`,
    reencrypt ? 'data keys are re-encrypted' : 'data keys stay as they are',
    ...(window ? [`work begins ${window.days.join(',')} from ${window.from} to ${window.to} ${window.timeZone}`] : []),
    ...(triggers?.maxUses === undefined ? [] : [`at the latest after ${grouped(triggers.maxUses)} uses`]),
    ...(triggers?.facts?.length ? [`also on ${triggers.facts.join(', ')}`] : []),
    ...(onDrift === 'report' ? ['drift is reported, not repaired'] : []),
    ...(retirement ? [retirementText(retirement)] : []),
    ...(agreedShare === undefined ? [] : [`${Math.round(agreedShare * 100)} % of the customer's KMS quota is agreed`]),
  ].join('; ');
}

function retirementText({ quietDays, approveDisable, disabledDays, waitingDays, onUse }: RetirementTerms): string {
  const who = approveDisable ? ' if two people agree' : '';
  const then = onUse === 'enable' ? 'a use brings it back' : 'a use pages on-call';
  return `a replaced key is disabled${who} after ${quietDays} quiet days, for ${disabledDays} days, and may be deleted in ${waitingDays} more; ${then}`;
}

const KEYS_SHOWN_MAX = 10;

export function showRule({ rule, kmsKeyArns, more }: RuleSet, { dryRun }: { readonly dryRun: boolean }): string {
  const hidden = kmsKeyArns.length - KEYS_SHOWN_MAX;
  return [
    wrapped(printable(`Rule ${rule.scope}: ${termsText(rule)}`)),
    ...(kmsKeyArns.length === 0 ? ['No key is under it yet.'] : ['For:']),
    ...kmsKeyArns.slice(0, KEYS_SHOWN_MAX).map((arn) => `  ${arn}`),
    ...(more || hidden > 0 ? ['  and more'] : []),
    dryRun ? 'Nothing was touched.' : 'A key under a more specific rule, or with terms of its own, keeps those.',
  ].join('\n');
}
