/**
 * What a customer's account sends by a schedule, over the same rule as its key events: it proves that the way is open.
 *
 * Delivery: at least once, unordered. It is a hint: whoever reads one compares `account` with the account of the customer.
 */
import * as z from 'zod/mini';
import { readWith } from './define-event';
import { text } from './fields';

/** The EventBridge source of heartbeats: no service of AWS, and none of our facts. */
export const HEARTBEAT_SOURCE = 'keywright.heartbeat';

const detail = z.object({ customerId: text });

/** The customer in whose name the account beats. @throws ContractViolation naming the field at fault. */
export const readHeartbeat = (received: unknown): z.output<typeof detail> => readWith(detail, 'detail', received);
