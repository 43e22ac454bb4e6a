/** `keywright policy`: by which terms keys are rotated. */
import { Command, Option } from 'commander';
import { rotationStrategy } from '../../events/fields';
import type { ShownPolicy } from '../../shared/domain/api/rotation-policy';
import type { RuleSet } from '../../shared/domain/rotation/set-rotation-rule';
import type { WorkWindow } from '../../shared/domain/rotation/work-window';
import { KEY_HELP, operatorCommand, whichKeys, withApi } from '../operate/command';
import { numberOf } from '../operate/number';
import { type RetirementOptions, retirementTermsIn, withRetirementTerms } from '../operate/retirement-terms';
import { showPolicy, showRule } from './report';
import { windowOf } from './window';

export function policyCommand(): Command {
  const policy = new Command('policy').description('see and set the terms by which keys are rotated');
  for (const command of [show(), set()]) policy.addCommand(command);
  return policy;
}

const show = () =>
  operatorCommand('show', 'show the terms of one KMS key, and where they come from', '$ keywright policy show globex')
    .argument('<key>', KEY_HELP)
    .action(
      withApi(async ({ api, print }, key: string) => {
        const answer = await api.call<ShownPolicy>('show-rotation-policy', { key });
        print(answer, () => showPolicy(answer));
      }),
    );

interface SetOptions extends RetirementOptions {
  readonly customer?: string;
  readonly option?: string;
  readonly strategy: string;
  readonly periodDays: number;
  readonly reencrypt: boolean;
  readonly window?: WorkWindow;
  readonly maxUses?: number;
  readonly onFact?: readonly string[];
  readonly onDrift?: string;
  readonly agreedShare?: number;
  readonly dryRun?: boolean;
}

const SET_EXAMPLES = `
$ keywright policy set globex --strategy kms-on-demand --period-days 90
$ keywright policy set --option managed --strategy replace --period-days 365 --window "sat-sun 22:00-06:00 Europe/Berlin"
$ keywright policy set initech --strategy replace --period-days 365 --quiet-days 14 --disabled-days 60
$ keywright policy set --customer acme --strategy customer --period-days 365 --agreed-share 0.2 --dry-run`;

const set = () =>
  withRetirementTerms(
    operatorCommand('set', 'set the terms for one KMS key, a customer, or an encryption option', SET_EXAMPLES),
  )
    .argument('[key]', KEY_HELP)
    .option('--customer <id>', 'for every key of this customer')
    .option('--option <name>', 'for every key of this encryption option')
    .addOption(new Option('--strategy <name>', 'how').choices(rotationStrategy.options).makeOptionMandatory())
    .requiredOption('--period-days <days>', 'how often', numberOf)
    .option('--no-reencrypt', 'leave data keys as they are after a rotation')
    .option('--window <text>', 'when work may begin: days, times, time zone', windowOf)
    .option('--max-uses <number>', 'rotate before its time after so many encryptions', numberOf)
    .option('--on-fact <name...>', 'rotate before its time on these facts')
    .addOption(new Option('--on-drift <what>', 'what becomes of a changed setting').choices(['repair', 'report']))
    .option('--agreed-share <part>', 'how much of the customer’s own KMS quota they agreed to, from 0 to 1', numberOf)
    .option('--dry-run', 'show what would happen, and change nothing')
    .action(
      withApi(async ({ api, print }, key: string | undefined, options: SetOptions) => {
        const { customer, onFact, ...terms } = options;
        const retirement = retirementTermsIn(terms);
        const input = {
          ...whichKeys(key, customer),
          ...termsOnly(terms),
          ...(onFact && { onFacts: onFact }),
          ...(retirement && { retirement }),
        };
        const answer = await api.call<RuleSet>('set-rotation-rule', input);
        print(answer, () => showRule(answer, { dryRun: options.dryRun === true }));
      }),
    );

/** Without the options that every command has. */
function termsOnly(options: Omit<SetOptions, 'customer' | 'onFact'>) {
  const { option, strategy, periodDays, reencrypt, window, maxUses, onDrift, agreedShare, dryRun } = options;
  return { option, strategy, periodDays, reencrypt, window, maxUses, onDrift, agreedShare, dryRun };
}
