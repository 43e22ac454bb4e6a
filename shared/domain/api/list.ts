/** Lists that an answer has room for. */

/** An answer of a function URL holds 6 MB; a list that long is read by nobody. */
export const LISTED_MAX = 1_000;

export interface Listed<Row> {
  readonly rows: readonly Row[];
  /** There are more than the list shows. */
  readonly more: boolean;
}

/** At most so many rows, and whether there are more. */
export async function listed<Row>(rows: AsyncIterable<Row>, max = LISTED_MAX): Promise<Listed<Row>> {
  const found: Row[] = [];
  for await (const row of rows) {
    if (found.length === max) return { rows: found, more: true };
    found.push(row);
  }
  return { rows: found, more: false };
}
