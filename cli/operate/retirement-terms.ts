/** The options that say by which terms keys are retired. */
import { type Command, Option } from 'commander';
import type { RetirementTerms } from '../../shared/domain/retirement/retirement-terms';
import { numberOf } from './number';

export const withRetirementTerms = (command: Command): Command =>
  command
    .option('--quiet-days <days>', 'days without any use before a replaced key is disabled', numberOf)
    .option('--approve-disable', 'require two people to disable the key')
    .option('--no-approve-disable', 'disable the key without approval')
    .option('--disabled-days <days>', 'days that it stays disabled before it can be deleted', numberOf)
    .option('--deletion-window-days <days>', 'the KMS deletion waiting period in days', numberOf)
    .addOption(new Option('--on-use <what>', 'what to do when a disabled key is used').choices(['enable', 'alert']));

export interface RetirementOptions extends Omit<Partial<RetirementTerms>, 'waitingDays'> {
  readonly deletionWindowDays?: number;
}

/** Those that were given; undefined when none was. */
export function retirementTermsIn(options: RetirementOptions): Partial<RetirementTerms> | undefined {
  const { quietDays, approveDisable, disabledDays, deletionWindowDays: waitingDays, onUse } = options;
  const said = Object.entries({ quietDays, approveDisable, disabledDays, waitingDays, onUse });
  const given = said.filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
