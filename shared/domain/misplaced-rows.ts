/** Rows among what is due that are no such rows: copied or written by somebody, never worked, and said in every run. */
import { KeywrightError } from './errors';

const NAMED_MAX = 10;

/** @param keys The keys that they are kept under. @returns what to tell of them: nothing where there are none. */
export function misplacedRows(keys: readonly string[]): readonly KeywrightError[] {
  if (keys.length === 0) return [];
  const message =
    'Among what is due are rows that are not what they are kept as, and are not worked. Find out who wrote them, and remove their attribute `due`.';
  return [new KeywrightError('store.row-misplaced', message, { count: keys.length, rows: keys.slice(0, NAMED_MAX) })];
}
