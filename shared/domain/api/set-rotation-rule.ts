/** Sets by which terms the keys of an option, of a customer, or one key are rotated. */

import * as z from 'zod/mini';
import { invalid } from '../errors';
import { defined } from '../optional-fields';
import { RETIREMENT_DEFAULTS, type SaidTerms, termsWith } from '../retirement/retirement-terms';
import type { RotationTerms } from '../rotation/rotation-terms';
import { type RulePorts, setRotationRule } from '../rotation/set-rotation-rule';
import { count, dryRun, id, keyName, retirementTerms, strategy, workWindow, yesOrNo } from './fields';
import { type FindKeyPorts, findKey } from './find-key';
import { defineOperation } from './operation';
import { ruleShown } from './rotation-policy';

/** What fits a key, and what contradicts the limits of KMS, the verb knows. */
export const setRotationRuleOperation = defineOperation(
  'set-rotation-rule',
  {
    key: z.optional(keyName),
    customerId: z.optional(id),
    option: z.optional(id),
    strategy,
    periodDays: count,
    reencrypt: z.optional(yesOrNo),
    window: z.optional(workWindow),
    maxUses: z.optional(count),
    onFacts: z.optional(z.array(id, { error: 'must be a list of facts' })),
    onDrift: z.optional(z.enum(['repair', 'report'], { error: 'must be repair or report' })),
    agreedShare: z.optional(z.number({ error: 'must be a number, more than 0 and at most 1' })),
    retirement: z.optional(retirementTerms),
    dryRun,
  },
  async (input, { principal: by }, ports: FindKeyPorts & RulePorts) => {
    const request = { ...termsIn(input), scope: await scopeIn(input, ports), by, dryRun: input.dryRun === true };
    const { rule, ...keys } = await setRotationRule(request, ports);
    return { rule: ruleShown(rule), ...keys };
  },
);

interface Scoped {
  readonly key?: string | undefined;
  readonly customerId?: string | undefined;
  readonly option?: string | undefined;
}

async function scopeIn({ key, customerId, option }: Scoped, ports: FindKeyPorts): Promise<string> {
  const named = [key, customerId, option].filter((one) => one !== undefined);
  if (named.length !== 1)
    throw invalid('key', 'a rule is for one key, one customerId or one option. Name one of them.');
  if (key !== undefined) return `key/${(await findKey(key, ports)).kmsKeyArn}`;
  return customerId === undefined ? `option/${option}` : `customer/${customerId}`;
}

interface TermsInput extends Pick<RotationTerms, 'strategy' | 'periodDays'> {
  readonly reencrypt?: boolean | undefined;
  readonly window?: RotationTerms['window'] | undefined;
  readonly maxUses?: number | undefined;
  readonly onFacts?: readonly string[] | undefined;
  readonly onDrift?: RotationTerms['onDrift'] | undefined;
  readonly agreedShare?: number | undefined;
  readonly retirement?: SaidTerms | undefined;
}

/** Data keys are re-encrypted unless it is said that they stay. */
function termsIn(input: TermsInput): RotationTerms {
  const { strategy: by, periodDays, reencrypt = true, maxUses, onFacts: facts } = input;
  const triggers = { ...defined({ maxUses }), ...(facts && { facts }) };
  return {
    strategy: by,
    periodDays,
    reencrypt,
    ...(input.window && { window: input.window }),
    ...(Object.keys(triggers).length > 0 && { triggers }),
    ...(input.onDrift && { onDrift: input.onDrift }),
    ...defined({ agreedShare: input.agreedShare }),
    ...(input.retirement && { retirement: termsWith(RETIREMENT_DEFAULTS, input.retirement) }),
  };
}
