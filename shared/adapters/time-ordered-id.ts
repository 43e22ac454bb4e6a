/** Identifiers whose text order is the order in which they were given, on whatever machine. */
import { randomBytes } from 'node:crypto';

/** 12 hex digits of milliseconds, then 20 of chance: text order is time order, and 80 bits never meet. */
export function nextId(): string {
  return Date.now().toString(16).padStart(12, '0') + randomBytes(10).toString('hex');
}
