/** What customers’ keys and their audit streams cost, by month. */
import * as z from 'zod/mini';
import { shareOf } from '../costs/close-month';
import { besideOf } from '../costs/meter-usage';
import { endOf, monthOf } from '../costs/month';
import { PRICES, type Price } from '../costs/prices';
import { type CostShare, costShareKey, type UsageMeter } from '../costs/usage';
import { invalid } from '../errors';
import { defined } from '../optional-fields';
import type { Clock, ControlStore } from '../ports';
import { id } from './fields';
import { defineOperation } from './operation';

export interface CostPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
}

/** `final`: recorded once and for all. `open`: as far as it is counted by now. */
export type ShownShare = Omit<CostShare, 'revision'> & { readonly isFinal: boolean };

const MONTH = 'must be a month, such as 2026-11';
const month = z.optional(z.string({ error: MONTH }).check(z.regex(/^\d{4}-(0[1-9]|1[0-2])$/, MONTH)));

export interface ShownCosts {
  readonly share: ShownShare;
  readonly priceTable: Readonly<Record<string, Price>>;
}

export const showCosts = defineOperation(
  'show-costs',
  { customerId: id, month },
  async ({ customerId, month: asked }, _caller, ports: CostPorts): Promise<ShownCosts> => {
    const month = asked ?? monthOf(ports.clock.now());
    const meter = await ports.control.find('usage-meter', customerId);
    const share = await shareIn(customerId, month, meter, ports);
    if (!share) throw invalid('month', nothingCounted(month, meter));
    return { share, priceTable: PRICES };
  },
);

const nothingCounted = (month: string, meter: UsageMeter | undefined): string =>
  meter?.month
    ? `has no figures: ${month} is not counted for this customer. ${meter.month} is the month that is counted now.`
    : 'has no figures: nothing of this customer is counted yet. Counting begins ten minutes after their first audit entry.';

/** A page, of each of whose customers two rows are read. */
const PAGE = 50;

export interface CostPage {
  readonly month: string;
  readonly shares: readonly ShownShare[];
  readonly next?: string;
}

/** The customers of whom something is counted in a month, and the operator, to whom belongs what is no customer’s. */
export const listCosts = defineOperation(
  'list-costs',
  { month, after: z.optional(id) },
  async ({ month: asked, after }, _caller, ports: CostPorts): Promise<CostPage> => {
    const month = asked ?? monthOf(ports.clock.now());
    const { rows, next } = await ports.control.page('usage-meter', { limit: PAGE, ...defined({ after }) });
    const shares = await Promise.all(rows.map((meter) => shareIn(meter.customerId, month, meter, ports)));
    return { month, shares: shares.flatMap((share) => share ?? []), ...defined({ next }) };
  },
);

async function shareIn(
  customerId: string,
  month: string,
  meter: UsageMeter | undefined,
  { control, clock }: CostPorts,
): Promise<ShownShare | undefined> {
  const recorded = await control.find('cost-share', costShareKey({ customerId, month }));
  if (recorded) {
    const { revision: _store, ...share } = recorded;
    return { ...share, isFinal: true };
  }
  if (meter?.month !== month) return undefined;
  const now = clock.now();
  const until = now < endOf(month) ? now : endOf(month);
  return { ...shareOf(meter, until, await besideOf(meter, { control })), isFinal: false };
}
