/** The promises of `Destination`, for every implementation of it. */
import type { Delivery, DeliveryAddress, Destination } from '../../shared/domain/subscriptions/ports';

/** What reached the destination: the body as it was sent. */
export interface ReceivedDelivery {
  readonly body: string;
  /** Where the destination shows it. */
  readonly id?: string;
}

export interface DestinationScene {
  readonly destination: Destination;
  readonly to: DeliveryAddress;
  /** What was taken, once so many were. */
  received(count: number): Promise<readonly ReceivedDelivery[]>;
  /** From now on nothing is taken. */
  breakDown(): Promise<void>;
}

export const aDelivery = (index: number, body = `{"index":${index},"text":"“ü” 🏦"}`): Delivery => ({
  id: `acme/siem/${index}`,
  index,
  at: '2026-11-24T12:00:00.000Z',
  contentType: 'application/json',
  body: Buffer.from(body),
});

/** @param isOrdered Whether what reads the destination sees the order in which it was sent. */
export function destinationContract(open: () => Promise<DestinationScene>, { isOrdered = true } = {}): void {
  const some = (destination: Destination) =>
    Array.from({ length: Math.min(3, destination.limits.deliveries) }, (_, index) => aDelivery(index));

  test('deliveries arrive byte for byte, in their order', async () => {
    const { destination, to, received } = await open();
    const deliveries = some(destination);

    expect(await destination.deliver(deliveries, to)).toEqual({ taken: deliveries.length });

    const bodies = (await received(deliveries.length)).map(({ body }) => body);
    const sent = deliveries.map(({ body }) => Buffer.from(body).toString());
    expect(isOrdered ? bodies : [...bodies].sort()).toEqual(sent);
  });

  test('what is sent again has the same id', async () => {
    const { destination, to, received } = await open();
    await destination.deliver([aDelivery(7)], to);
    await destination.deliver([aDelivery(7)], to);

    const all = await received(1);
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  });

  test('a test, which has no index, is taken', async () => {
    const { destination, to, received } = await open();
    const { index: _none, ...test } = aDelivery(1);

    expect(await destination.deliver([{ ...test, id: 'acme/siem/test-1' }], to)).toEqual({ taken: 1 });
    expect(await received(1)).toHaveLength(1);
  });

  test('as much as it says that it takes is taken', async () => {
    const { destination, to } = await open();
    const { bodyBytes, bytes } = destination.limits;
    const text = 'x'.repeat(Math.min(bodyBytes, bytes, 255_000) - 11);

    expect(await destination.deliver([aDelivery(1, JSON.stringify({ text }))], to)).toEqual({
      taken: 1,
    });
  });

  test('what nothing takes is told, with a reason that names no secret', async () => {
    const { destination, to, breakDown } = await open();
    await breakDown();

    const { taken, refusal } = await destination.deliver([aDelivery(1)], to);

    expect([taken, refusal?.kind]).toEqual([0, 'later']);
    expect(refusal?.reason).toMatch(/\w/);
    for (const secret of to.secrets) expect(refusal?.reason).not.toContain(secret);
  });
}
