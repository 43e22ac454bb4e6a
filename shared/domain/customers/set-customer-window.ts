/** set-customer-window: what a customer chose is written down, where every application of theirs reads it. */
import { customerWindowSet } from '../../../events/customer-window-set';
import { invalid } from '../errors';
import { newFact } from '../outbox/new-fact';
import type { Clock, ControlStore, Ids } from '../ports';
import { mustFind } from '../require-row';
import { retryOnConflict } from '../retry-on-conflict';
import { type CustomerWindow, isWindow, WINDOW_SECONDS_MAX, type WindowTerms, windowTermsOf } from './customer-window';

export interface WindowPorts {
  readonly control: Pick<ControlStore, 'find' | 'commit'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What is left out stays as it is. */
export interface WindowRequest extends Partial<WindowTerms> {
  readonly customerId: string;
  /** Who asks, as the event has it. */
  readonly by: string;
}

/**
 * Sets the customer's window. Safe to repeat: what is set already is not set, nor told, again.
 *
 * @returns the terms as they are then.
 * @throws KeywrightError `input.invalid`, `state.not-found`: nothing was touched; `state.changed-meanwhile` (retry).
 */
export async function setCustomerWindow(request: WindowRequest, ports: WindowPorts): Promise<WindowTerms> {
  refuseSenseless(request);
  await mustFind('customer', request.customerId, ports);
  return retryOnConflict(() => commitWindow(request, ports));
}

function refuseSenseless({ windowSeconds, onLoss }: WindowRequest): void {
  if (windowSeconds === undefined && onLoss === undefined)
    throw invalid('windowSeconds', 'is missing, and so is onLoss. Give one of them, or both.');
  if (windowSeconds !== undefined && !isWindow(windowSeconds))
    throw invalid('windowSeconds', `must be a whole number of seconds from 0 to ${WINDOW_SECONDS_MAX}.`);
}

async function commitWindow(request: WindowRequest, ports: WindowPorts): Promise<WindowTerms> {
  const { customerId, by: setBy } = request;
  const before = await ports.control.find('customer-window', customerId);
  const now = windowTermsOf(before);
  const terms = { windowSeconds: request.windowSeconds ?? now.windowSeconds, onLoss: request.onLoss ?? now.onLoss };
  if (before?.windowSeconds === terms.windowSeconds && before.onLoss === terms.onLoss) return terms;
  const setAt = ports.clock.now();
  const row: CustomerWindow = { customerId, ...terms, setBy, setAt, revision: before?.revision ?? 0 };
  const fact = newFact(customerWindowSet, ports, { at: setAt, customerId, ...terms, setBy });
  await ports.control.commit({ writes: [{ entityType: 'customer-window', row }], facts: [fact] });
  return terms;
}
