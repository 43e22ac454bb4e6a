/** `keywright sla`: what was promised to customers, how much of it is left, and how it is accounted for. */
import { Command } from 'commander';
import type { ServiceLevelPage, ShownServiceLevel } from '../../shared/domain/api/service-levels';
import { defined } from '../../shared/domain/optional-fields';
import type { Budget } from '../../shared/domain/service-levels/budget';
import { CLAUSE_NAMES } from '../../shared/domain/service-levels/service-level';
import { operatorCommand, withApi } from '../operate/command';
import { numberOf } from '../operate/number';
import { secondsOf } from './durations';
import { showBudget, showServiceLevels, showSet } from './report';
import { exportStatement, verifyStatement } from './statement';

const CUSTOMER_HELP = 'the id of a customer';

const SHOW_EXAMPLES = `
$ keywright sla show globex   what is left of the budget, and what burnt it
$ keywright sla globex        the same
$ keywright sla show globex --json`;

const show = () =>
  operatorCommand('show', 'show what was promised to a customer, and what is left', SHOW_EXAMPLES)
    .argument('<customer>', CUSTOMER_HELP)
    .action(
      withApi(async ({ api, print }, customerId: string) => {
        const budget = await api.call<Budget & { name: string }>('show-service-level', { customerId });
        print(budget, () => showBudget(budget));
      }),
    );

interface SetOptions {
  readonly target: number;
  readonly window?: string;
  readonly exclude?: readonly string[];
  readonly notice?: number;
  readonly tier?: string;
  readonly probeEvery?: number;
  readonly dryRun?: boolean;
}

const SET_EXAMPLES = `
$ keywright sla set globex --target 99.95 --exclude customer-key --notice 15m
$ keywright sla set globex --target 99.9 --window month --tier gold --dry-run`;

const set = () =>
  operatorCommand('set', 'set all terms of a customer’s service level at once', SET_EXAMPLES)
    .argument('<customer>', CUSTOMER_HELP)
    .requiredOption('--target <percent>', 'of the window, more than 0 and less than 100', numberOf)
    .option('--window <window>', '30d and the like, or month (UTC) (default: 30d)')
    .option('--exclude <clauses...>', `whose time is not burnt: ${CLAUSE_NAMES.join(', ')}`)
    .option('--notice <duration>', 'how soon they are to be told, such as 15m', secondsOf)
    .option('--tier <word>', 'how much they weigh, in the contract’s word')
    .option('--probe-every <duration>', 'how often keys are probed at the least', secondsOf)
    .option('--dry-run', 'show what would be set without changing anything')
    .action(
      withApi(
        async ({ api, print }, customerId: string, { target, window, exclude, tier, dryRun, ...times }: SetOptions) => {
          const { notice, probeEvery } = times;
          const input = {
            customerId,
            targetPercent: target,
            ...defined({ window, exclude, tier, probeEverySeconds: probeEvery }),
            ...(notice !== undefined && { noticeMinutes: notice / 60 }),
            ...(dryRun && { dryRun }),
          };
          const answer = await api.call<{ serviceLevel: ShownServiceLevel }>('set-service-level', input);
          print(answer, () => showSet(answer.serviceLevel, dryRun === true));
        },
      ),
    );

const LIST_EXAMPLES = `
$ keywright sla list
$ keywright sla list --json`;

const list = () =>
  operatorCommand('list', 'list customers with a service level of their own', LIST_EXAMPLES)
    .option('--after <cursor>', 'go on where the page before ended')
    .action(
      withApi(async ({ api, print }, { after }: { readonly after?: string }) => {
        const answer = await api.call<ServiceLevelPage>('list-service-levels', defined({ after }));
        print(answer, () => showServiceLevels(answer));
      }),
    );

/** `keywright sla CUSTOMER` is `keywright sla show CUSTOMER`. */
export function slaCommand(): Command {
  const sla = new Command('sla').description('see and set what is promised to customers, and what is left of it');
  return sla
    .addCommand(show(), { isDefault: true })
    .addCommand(set())
    .addCommand(list())
    .addCommand(exportStatement())
    .addCommand(verifyStatement());
}
