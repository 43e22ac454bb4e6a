/** Ids where a service takes 128 characters of few kinds. */
import { hash } from 'node:crypto';

/** The same for the same id. */
export const hashed = (id: string): string => hash('sha256', id, 'hex');
