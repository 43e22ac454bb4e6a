/** The options that say by which terms keys are retired. */
import { type Command, Option } from 'commander';
import type { RetirementTerms } from '../../shared/domain/retirement/retirement-terms';
import { numberOf } from './number';

export const withRetirementTerms = (command: Command): Command =>
  command
    .option('--quiet-days <days>', 'for how many days nothing may use a replaced key before it is disabled', numberOf)
    .option('--approve-disable', 'two people have to agree before it is disabled')
    .option('--no-approve-disable', 'it is disabled without asking')
    .option('--disabled-days <days>', 'for how many days it is disabled before it may be deleted', numberOf)
    .option('--deletion-window-days <days>', 'how long KMS waits before it deletes it', numberOf)
    .addOption(new Option('--on-use <what>', 'when somebody uses it while disabled').choices(['enable', 'alert']));

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
