/** The promises of `Park`, for every implementation of it. */
import type { Park } from '../../shared/domain/ports';

export interface Parked {
  readonly body: string;
  readonly reason: unknown;
  /** Of a park that keeps work in order. */
  readonly group?: string;
}

export interface ParkScene {
  readonly park: Park;
  /** What is parked, once so much is, in the order in which it is sent back. */
  parked(count: number): Promise<readonly Parked[]>;
  /** From now on nothing is taken. */
  breakDown(): Promise<void>;
}

const REASON = { code: 'input.invalid', details: { field: 'at' } };

/** @param ordered Whether the park keeps work in order with its group. */
export function parkContract(open: () => Promise<ParkScene>, { ordered }: { readonly ordered: boolean }): void {
  test('what is parked is kept as it was, with the reason beside it', async () => {
    const { park, parked } = await open();

    await park.park('{"n":1}', REASON, 'acme');

    expect(await parked(1)).toMatchObject([{ body: '{"n":1}', reason: REASON }]);
  });

  test('what is parked twice is counted twice', async () => {
    const { park, parked } = await open();

    await park.park('{"n":1}', REASON, 'acme');
    await park.park('{"n":1}', REASON, 'acme');

    expect(await parked(2)).toHaveLength(2);
  });

  test('what belongs to no group is kept too', async () => {
    const { park, parked } = await open();

    await park.park('{"n":1}', {});

    expect(await parked(1)).toMatchObject([{ body: '{"n":1}', reason: {} }]);
  });

  test('whatever characters the work and its reason hold, they read back as the same', async () => {
    const { park, parked } = await open();
    const work = { text: '\uFFFE and \u0001 and \uD800' };

    await park.park(JSON.stringify(work), work, 'acme');

    const [{ body, reason } = { body: '{}', reason: undefined }] = await parked(1);
    expect([JSON.parse(body), reason]).toEqual([work, work]);
  });

  if (ordered)
    test('work is kept in order among its own, and apart from what is others’', async () => {
      const { park, parked } = await open();

      for (const [body, group] of ['1', '2', '3', '4'].map((n, at) => [n, ['acme', 'globex'][at % 2]] as const))
        await park.park(body, REASON, group);

      const kept = await parked(4);
      const of = (name: string) => kept.flatMap(({ body, group }) => (group === name ? [body] : []));
      expect([of('acme'), of('globex')]).toEqual([
        ['1', '3'],
        ['2', '4'],
      ]);
    });

  test('what nothing takes is an error that may pass', async () => {
    const { park, breakDown } = await open();
    await breakDown();

    await expect(park.park('{}', REASON, 'acme')).rejects.toMatchObject({ code: 'queue.not-sent', retry: true });
  });
}
