/** Rows that say another name than the one they are kept under: copied or moved by somebody, and never used as either. */
import { KeywrightError } from '../domain/errors';

/** @param row The key that it is kept under. What it says of itself may be another customer's and is not told. */
export const misplaced = (row: string): KeywrightError =>
  new KeywrightError(
    'store.row-misplaced',
    `The row ${row} says that it is another one: it was copied or changed by hand, and is not used. Find out by whom, and put back what was there from the table’s backup.`,
    { row },
  );
