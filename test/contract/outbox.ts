/** The promises of `Outbox`, for every implementation of it. */
import type { Outbox } from '../../shared/domain/outbox/ports';
import { after, NOW } from '../support/make';

/**
 * @param open An outbox, what commits a fact to it at `NOW` (due a minute later), why a fact that is kept is parked, and what puts a row
 *   there that was due first and is no row of the outbox.
 */
export function outboxContract(
  open: () => Promise<{
    outbox: Outbox;
    commit(factId: string): Promise<void>;
    parkedBecause(factId: string): Promise<string | undefined>;
    foreign(key: string): Promise<void>;
  }>,
): void {
  const MINUTE_MS = 60_000;
  const IN_TIME = after(MINUTE_MS);

  const opened = async (...factIds: readonly string[]) => {
    const world = await open();
    for (const factId of factIds) await world.commit(factId);
    const due = async (now: string, limit = 10) => (await world.outbox.due(now, limit)).map(({ factId }) => factId);
    return { ...world, due };
  };

  test('a fact that nobody publishes comes due a minute after it was committed, as it was committed', async () => {
    const { outbox, due } = await opened('one');

    expect(await due(after(MINUTE_MS - 1))).toEqual([]);
    expect(await outbox.due(IN_TIME, 10)).toMatchObject([
      { factId: 'one', detailType: expect.any(String), detail: expect.stringMatching(/^\{.*\}$/) },
    ]);
  });

  test('a fact that is out is not due again, however often that is noted', async () => {
    const { outbox, due } = await opened('one', 'two');

    await outbox.published('one');
    await outbox.published('one');
    await outbox.postponed('one', NOW);
    await outbox.published('nobody');

    expect(await due(IN_TIME)).toEqual(['two']);
  });

  test('a fact that is parked is not due, and kept with the reason', async () => {
    const { outbox, due, parkedBecause } = await opened('one');

    await outbox.parked('one', 'detail: is not JSON');
    await outbox.published('one');

    expect(await due(IN_TIME)).toEqual([]);
    expect(await parkedBecause('one')).toBe('detail: is not JSON');
  });

  test('a fact that was refused is due later, behind those that wait for the first time', async () => {
    const { outbox, due } = await opened('one', 'two', 'three');

    await outbox.postponed('one', after(2 * MINUTE_MS));

    expect((await due(IN_TIME)).sort()).toEqual(['three', 'two']);
    expect((await due(after(2 * MINUTE_MS))).at(-1)).toBe('one');
    expect(await due(after(2 * MINUTE_MS), 2)).toHaveLength(2);
  });

  test('what is no row of the outbox is told, and hides no fact', async () => {
    const { outbox, foreign } = await opened(...'abcdefgh');
    const keys = Array.from({ length: 30 }, (_, at) => `copy#${at}`);
    for (const key of keys) await foreign(key);
    const leftOut: string[] = [];

    const due = await outbox.due(IN_TIME, 8, (key) => leftOut.push(key));

    expect(due.map(({ factId }) => factId).sort()).toEqual([...'abcdefgh']);
    expect(leftOut.sort()).toEqual(keys.sort());
  });
}
