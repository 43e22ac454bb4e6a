/** How long applications may keep a customer's data keys: shows it and sets it. */
import * as z from 'zod/mini';
import { ON_LOSS, type WindowTerms, windowTermsOf } from '../customers/customer-window';
import { setCustomerWindow, type WindowPorts } from '../customers/set-customer-window';
import { defined } from '../optional-fields';
import { mustFind } from '../require-row';
import { count, id } from './fields';
import { defineOperation } from './operation';

export interface ShownWindow extends WindowTerms {
  readonly customerId: string;
  /** Who chose it, and when; absent while it is the default. */
  readonly setBy?: string;
  readonly setAt?: string;
}

export const showCustomerWindow = defineOperation(
  'show-customer-window',
  { customerId: id },
  async ({ customerId }, _caller, ports: WindowPorts) => {
    await mustFind('customer', customerId, ports);
    return shownWindow(customerId, ports);
  },
);

export const setCustomerWindowOperation = defineOperation(
  'set-customer-window',
  {
    customerId: id,
    windowSeconds: z.optional(count),
    onLoss: z.optional(z.enum(ON_LOSS, { error: `must be ${ON_LOSS.join(' or ')}` })),
  },
  async ({ customerId, ...terms }, { principal: by }, ports: WindowPorts) => {
    await setCustomerWindow({ customerId, ...defined(terms), by }, ports);
    return shownWindow(customerId, ports);
  },
);

async function shownWindow(customerId: string, { control }: WindowPorts): Promise<ShownWindow> {
  const row = await control.find('customer-window', customerId);
  return { customerId, ...windowTermsOf(row), ...(row && { setBy: row.setBy, setAt: row.setAt }) };
}
