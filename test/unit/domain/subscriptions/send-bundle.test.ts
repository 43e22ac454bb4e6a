import { RETRY_WAITS_MS } from '../../../../shared/domain/subscriptions/retry-schedule';
import { anEntry, numbered, subscribed, subscriptionWorld } from '../../../support/subscription-world';

describe('what a subscription wants', () => {
  const entries = [
    anEntry('decrypted'),
    anEntry('denied', { outcome: 'failed', errorCode: 'AccessDenied' }),
    anEntry('signed', { operation: 'Sign', encryptionContexts: [] }),
    anEntry('told', {
      kind: 'fact',
      operation: 'key-rotated.v1',
      outcome: undefined,
      fact: { dataStores: ['documents'] },
    }),
  ];
  test.each([
    ['operations', { operations: ['Sign', 'key-rotated.v1'] }, [2, 3]],
    ['outcomes', { outcomes: ['failed' as const] }, [1]],
    ['data stores', { dataStores: ['documents'] }, [0, 1, 3]],
    ['all of it', { dataStores: ['documents'], outcomes: ['ok' as const] }, [0]],
    ['nothing', { dataStores: ['other'] }, []],
  ])('by %s', async (_, filter, expected) => {
    const world = subscriptionWorld();
    await world.add({ ...filter, from: 0 });
    await world.append(...entries);
    await world.deliver();

    expect(world.indexes()).toEqual(expected);
    expect((await world.subscription()).cursor).toBe(4);
  });
});

describe('an entry that the destination never takes', () => {
  const LIMITS = { deliveries: 3, bytes: 100_000, bodyBytes: 2_000 };

  test('for its size is set aside with its place and the reason, and holds up nothing', async () => {
    const world = await subscribed(LIMITS);
    await world.append(anEntry('one'), anEntry('large', { more: 'x'.repeat(3_000) }), anEntry('three'));
    await world.deliver();

    expect(world.indexes()).toEqual([0, 2]);
    expect(world.control.all('parked-entry')).toMatchObject([
      { customerId: 'acme', name: 'siem', index: 1, reason: expect.stringMatching(/^it has \d+ bytes, and/) },
    ]);
    expect(await world.subscription()).toMatchObject({ parked: 1, cursor: 3, failures: 0 });
  });

  test('however many there are: all are set aside', async () => {
    const world = await subscribed({ ...LIMITS, bodyBytes: 10 + 600 });
    await world.append(...Array.from({ length: 200 }, (_, at) => anEntry(`large-${at}`, { more: 'x'.repeat(1_000) })));
    await world.append(anEntry('small', { record: {}, caller: {}, encryptionContexts: [] }));
    await world.deliver();

    expect(world.control.all('parked-entry')).toHaveLength(200);
    expect(world.indexes()).toEqual([200]);
  });

  test('among others is found by sending each alone', async () => {
    const world = await subscribed(LIMITS);
    await world.append(...numbered(6));
    world.destination.behave((deliveries) =>
      deliveries.some(({ index }) => index === 4)
        ? { taken: 0, refusal: { kind: 'unacceptable', reason: 'SQS answered InvalidMessageContents' } }
        : undefined,
    );
    await world.deliver();

    expect(world.indexes()).toEqual([0, 1, 2, 3, 5]);
    expect(world.control.all('parked-entry')).toMatchObject([{ index: 4 }]);
  });

  test('by its word alone is asked about three times', async () => {
    const world = await subscribed(LIMITS);
    await world.append(...numbered(2));
    world.destination.behave(([delivery]) =>
      delivery?.index === 0 ? { taken: 0, refusal: { kind: 'refused', reason: 'it answered 400' } } : undefined,
    );
    await world.deliver();
    expect(world.indexes()).toEqual([]);
    for (const wait of RETRY_WAITS_MS.slice(0, 2)) {
      world.pass(wait * 1.1 + 1);
      await world.deliverDue();
    }

    expect(world.indexes()).toEqual([1]);
    expect(world.control.all('parked-entry')).toMatchObject([{ index: 0, reason: 'it answered 400' }]);
  });

  test('but one that takes nothing at all is not believed: entries wait for it', async () => {
    const world = await subscribed(LIMITS);
    await world.append(...numbered(9));
    world.destination.behave(() => ({ taken: 0, refusal: { kind: 'unacceptable', reason: 'it answered 413' } }));
    await world.deliver();

    expect(world.control.all('parked-entry')).toHaveLength(3);
    expect(await world.subscription()).toMatchObject({ cursor: 3, failures: 1 });
  });
});
