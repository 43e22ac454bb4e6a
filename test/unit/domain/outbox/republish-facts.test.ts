import { republishFacts } from '../../../../shared/domain/outbox/republish-facts';
import { after, silentLog } from '../../../support/make';
import { aRow, NOT_NOW, outboxWorld } from '../../../support/outbox-world';

test('what nobody has published in time is published, once', async () => {
  const { outbox, published, ports } = outboxWorld();
  outbox.given(aRow('lost'), aRow('fresh', { dueAt: after(1) }));

  expect(await republishFacts(ports)).toBe(1);
  expect(await republishFacts(ports)).toBe(0);

  expect(published()).toEqual(['lost']);
});

test('facts that are refused for ever, however many, keep no later one from its turn', async () => {
  const poison = Array.from({ length: 1_200 }, (_, at) => `refused-${at}`);
  const { outbox, published, ports } = outboxWorld(Object.fromEntries(poison.map((factId) => [factId, NOT_NOW])));
  outbox.given(...poison.map((factId) => aRow(factId, { dueAt: after(-1) })), aRow('good'));

  await republishFacts(ports);
  await republishFacts(ports);

  expect(published()).toEqual(['good']);
  expect(await outbox.due(after(60_000), 2_000)).toHaveLength(1_200);
});

test('a row that is no row of the outbox is never published, and counts as overdue in every run', async () => {
  const { outbox, published, ports } = outboxWorld();
  const errors: unknown[] = [];
  const log = { ...silentLog, error: (_message: string, fields: unknown) => errors.push(fields) };
  outbox.given(aRow('good'));
  outbox.givenForeign('copy#1');

  expect(await republishFacts({ ...ports, log })).toBe(2);
  expect(await republishFacts({ ...ports, log })).toBe(1);

  expect(published()).toEqual(['good']);
  expect(errors).toEqual([
    { count: 1, rows: ['copy#1'] },
    { count: 1, rows: ['copy#1'] },
  ]);
});
