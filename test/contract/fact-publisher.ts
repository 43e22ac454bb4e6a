/** The promises of `FactPublisher`, for every implementation of it. */
import type { FactPublisher, OutgoingFact } from '../../shared/domain/outbox/ports';

export type PublishedFact = Pick<OutgoingFact, 'detailType' | 'detail'>;

export interface PublisherScene {
  readonly publisher: FactPublisher;
  /** What is on the bus, once so many facts are, in any order. */
  published(count: number): Promise<readonly PublishedFact[]>;
  /** From now on nobody reaches the bus. */
  breakDown(): Promise<void>;
}

const facts = (count: number): readonly OutgoingFact[] =>
  Array.from({ length: count }, (_, at) => ({
    factId: `fact-${at}`,
    detailType: 'key-rotated.v1',
    detail: JSON.stringify({ factId: `fact-${at}`, at }),
  }));

const idsOf = (published: readonly PublishedFact[]): readonly string[] =>
  published.map(({ detail }) => JSON.parse(detail).factId).sort();

export function factPublisherContract(open: () => Promise<PublisherScene>): void {
  test('what is published is on the bus under its type and with its detail, and nothing of it is refused', async () => {
    const { publisher, published } = await open();

    expect(await publisher.publish(facts(1))).toEqual(new Map());

    const [fact] = await published(1);
    expect(fact?.detailType).toBe('key-rotated.v1');
    expect(JSON.parse(fact?.detail ?? '')).toEqual({ factId: 'fact-0', at: 0 });
  });

  test('of no facts none is refused', async () => {
    const { publisher } = await open();

    expect(await publisher.publish([])).toEqual(new Map());
  });

  test('however many they are, each goes out once', async () => {
    const { publisher, published } = await open();

    expect(await publisher.publish(facts(23))).toEqual(new Map());

    expect(idsOf(await published(23))).toEqual(idsOf(facts(23)));
  });

  test.each([
    ['detail is no JSON', { detail: '{"factId":' }],
    ['type is longer than any bus takes', { detailType: 'x'.repeat(129) }],
  ])('a fact whose %s is refused for good, by its id, and keeps none of the others', async (_, fields) => {
    const { publisher, published } = await open();

    const refused = await publisher.publish(
      facts(3).map((fact) => (fact.factId === 'fact-1' ? { ...fact, ...fields } : fact)),
    );

    expect([...refused]).toEqual([['fact-1', { reason: expect.stringMatching(/./), retry: false }]]);
    expect(idsOf(await published(2))).toEqual(['fact-0', 'fact-2']);
  });

  test('whatever characters a fact holds, it is the same fact on the bus', async () => {
    const { publisher, published } = await open();
    const detail = { factId: 'fact-0', text: '\uFFFE and \u0001 and \uD800' };

    await publisher.publish(facts(1).map((fact) => ({ ...fact, detail: JSON.stringify(detail) })));

    expect((await published(1)).map((fact) => JSON.parse(fact.detail))).toEqual([detail]);
  });

  test('facts that do not reach the bus are given back, each with a reason that may pass', async () => {
    const { publisher, breakDown } = await open();
    await breakDown();

    const refused = await publisher.publish(facts(12));

    expect([...refused.keys()].sort()).toEqual(idsOf(facts(12)));
    for (const refusal of refused.values())
      expect(refusal).toEqual({ reason: expect.stringMatching(/./), retry: true });
  });
}
