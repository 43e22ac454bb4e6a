/** The promises of `Ids`, for every implementation of it. */
import type { Ids } from '../../shared/domain/ports';

const MANY = 2_000;

/** @param pass Lets a moment pass. */
export function idsContract(open: () => { readonly ids: Ids; pass(): Promise<void> }): void {
  test('no identifier is given twice', () => {
    const { ids } = open();

    expect(new Set(Array.from({ length: MANY }, () => ids.next())).size).toBe(MANY);
  });

  test('identifiers are ordered by the time of their creation', async () => {
    const { ids, pass } = open();
    const made: string[] = [];
    for (let at = 0; at < 25; at += 1) {
      made.push(ids.next());
      await pass();
    }

    expect(made).toEqual([...made].sort());
  });
}
