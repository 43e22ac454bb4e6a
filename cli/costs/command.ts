/** `keywright costs`: what customers' keys and their audit streams cost, by month. */
import type { Command } from 'commander';
import type { CostPage, ShownCosts } from '../../shared/domain/api/costs';
import { defined } from '../../shared/domain/optional-fields';
import { operatorCommand, withApi } from '../operate/command';
import { costsCsv, showAll, showOne } from './report';

interface CostOptions {
  readonly month?: string;
  readonly after?: string;
  readonly csv?: boolean;
}

const EXAMPLES = `
$ keywright costs --month 2026-11               every customer
$ keywright costs globex --month 2026-11        one, with what it is made of
$ keywright costs globex --month 2026-11 --csv > globex-2026-11.csv`;

/** `keywright costs [CUSTOMER] --month MONTH`. */
export const costsCommand = (): Command =>
  operatorCommand('costs', 'show what customers’ keys and audit logs cost in a month', EXAMPLES)
    .argument('[customer]', 'the id of a customer (default: all of them)')
    .option('--month <month>', 'such as 2026-11, UTC (default: this month, as far as it is counted)')
    .option('--after <cursor>', 'go on where the page before ended')
    .option('--csv', 'print the lines as CSV')
    .action(
      withApi(async ({ api, print }, customerId: string | undefined, { month, after, csv }: CostOptions) => {
        if (customerId === undefined) {
          const page = await api.call<CostPage>('list-costs', defined({ month, after }));
          print(page, () => (csv ? costsCsv(page.shares) : showAll(page)));
          return;
        }
        const costs = await api.call<ShownCosts>('show-costs', { customerId, ...defined({ month }) });
        print(costs, () => (csv ? costsCsv([costs.share]) : showOne(costs)));
      }),
    );
