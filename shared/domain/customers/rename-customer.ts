/** rename-customer: what people call a customer. Option, account and keys stay. */
import { customerChanged } from '../../../events/customer-changed';
import { NEVER } from '../instants';
import { newFact } from '../outbox/new-fact';
import { mustFind } from '../require-row';
import { retryOnConflict } from '../retry-on-conflict';
import type { DataStorePorts } from './add-data-store';
import type { Customer } from './customer';
import { checkCustomerName } from './customer-names';

interface Renaming {
  readonly customerId: string;
  readonly name: string;
  /** Who asks, as the event has it. */
  readonly by: string;
}

/**
 * Sets the customer's name. Safe to repeat: a name that is set already is not told again.
 *
 * @returns the customer as they are then.
 * @throws KeywrightError `input.invalid`, `state.not-found`: nothing was touched; `state.changed-meanwhile` (retry).
 */
export async function renameCustomer({ customerId, name, by }: Renaming, ports: DataStorePorts): Promise<Customer> {
  checkCustomerName(name);
  return retryOnConflict(async () => {
    const before = await mustFind('customer', customerId, ports);
    if (before.name === name) return before;
    // Customers of an older build are listed from now on.
    const row = { ...before, name, dueAt: NEVER };
    const fact = newFact(customerChanged, ports, { customerId, name, changedBy: by });
    await ports.control.commit({ writes: [{ entityType: 'customer', row }], facts: [fact] });
    return row;
  });
}
