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
  const policy = new Command('policy').description('show and set rotation policies');
  for (const command of [show(), set()]) policy.addCommand(command);
  return policy;
}

const show = () =>
  operatorCommand('show', 'show the policy of a KMS key and where it comes from', '$ keywright policy show globex')
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
$ keywright policy set --option managed --strategy replace \\
    --period-days 365 --window "sat-sun 22:00-06:00 Europe/Berlin"
$ keywright policy set initech --strategy replace --period-days 365 \\
    --quiet-days 14 --disabled-days 60
$ keywright policy set --customer acme --strategy customer \\
    --period-days 365 --agreed-share 0.2 --dry-run`;

const set = () =>
  withRetirementTerms(
    operatorCommand('set', 'set the policy of a KMS key, a customer or an encryption option', SET_EXAMPLES),
  )
    .argument('[key]', KEY_HELP)
    .option('--customer <id>', 'apply to every key of this customer')
    .option('--option <name>', 'apply to every key of this encryption option')
    .addOption(
      new Option('--strategy <name>', 'the rotation strategy').choices(rotationStrategy.options).makeOptionMandatory(),
    )
    .requiredOption('--period-days <days>', 'days between rotations', numberOf)
    .option('--no-reencrypt', 'do not re-encrypt data keys after a rotation')
    .option('--window <text>', 'when work may begin: days, times, time zone', windowOf)
    .option('--max-uses <number>', 'rotate early after this many encryptions', numberOf)
    .option('--on-fact <name...>', 'rotate early when one of these facts occurs')
    .addOption(new Option('--on-drift <what>', 'what to do when a setting has drifted').choices(['repair', 'report']))
    .option(
      '--agreed-share <part>',
      'the share of the customer’s own KMS quota that they agreed to, from 0 to 1',
      numberOf,
    )
    .option('--dry-run', 'show what would happen without changing anything')
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
