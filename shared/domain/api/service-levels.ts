/** What was promised to customers, and how much of it is left. */
import * as z from 'zod/mini';
import { instant } from '../../../events/fields';
import { defined } from '../optional-fields';
import type { ControlStore } from '../ports';
import { mustFind } from '../require-row';
import type { Budget } from '../service-levels/budget';
import { type BudgetPorts, readBudget } from '../service-levels/read-budget';
import type { ServiceLevel } from '../service-levels/service-level';
import { type ServiceLevelPorts, setServiceLevel } from '../service-levels/set-service-level';
import { exportSla, type SignedStatement, type StatementPorts } from '../sla-ledger/export-sla';
import { count, dryRun, id } from './fields';
import { defineOperation } from './operation';

/** A service level as people see it. */
export type ShownServiceLevel = Omit<ServiceLevel, 'dueAt' | 'revision'>;

export const setServiceLevelOperation = defineOperation(
  'set-service-level',
  {
    customerId: id,
    targetPercent: z.number({ error: 'must be a number, more than 0 and less than 100' }),
    window: z.optional(id),
    exclude: z.optional(
      z.array(id, { error: 'must be a list of clauses' }).check(z.maxLength(20, 'has too many clauses')),
    ),
    noticeMinutes: z.optional(count),
    tier: z.optional(id),
    probeEverySeconds: z.optional(count),
    dryRun,
  },
  async (input, { principal: by }, ports: ServiceLevelPorts): Promise<{ readonly serviceLevel: ShownServiceLevel }> => {
    const { customerId, targetPercent, dryRun: isDry = false, ...agreed } = input;
    const request = { customerId, targetPercent, ...defined(agreed), by, dryRun: isDry };
    return { serviceLevel: shown(await setServiceLevel(request, ports)) };
  },
);

export const showServiceLevel = defineOperation(
  'show-service-level',
  { customerId: id },
  async ({ customerId }, _caller, ports: BudgetPorts): Promise<Budget & { readonly name: string }> => {
    const { name } = await mustFind('customer', customerId, ports);
    return { name, ...(await readBudget(customerId, ports)) };
  },
);

/** A page, each with its budget. */
const PAGE = 50;

export interface ServiceLevelPage {
  readonly serviceLevels: readonly Budget[];
  readonly next?: string;
}

/** Customers with whom something was agreed. All others have the default. */
export const listServiceLevels = defineOperation(
  'list-service-levels',
  { after: z.optional(id) },
  async ({ after }, _caller, ports: BudgetPorts & { readonly control: ControlStore }): Promise<ServiceLevelPage> => {
    const { rows, next } = await ports.control.page('service-level', { limit: PAGE, ...defined({ after }) });
    const serviceLevels = await Promise.all(rows.map(({ customerId }) => readBudget(customerId, ports)));
    return { serviceLevels, ...defined({ next }) };
  },
);

/** Not among the operations of the API: it signs, and has a function of its own. */
export const exportSlaOperation = defineOperation(
  'export-sla',
  { customerId: id, from: instant, to: instant },
  (input, _caller, ports: StatementPorts): Promise<SignedStatement> => exportSla(input, ports),
);

function shown({ dueAt: _listed, revision: _store, ...level }: ServiceLevel): ShownServiceLevel {
  return level;
}
