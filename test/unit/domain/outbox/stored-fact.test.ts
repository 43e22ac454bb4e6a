import { keyRetired } from '../../../../events/key-retired';
import { newFact } from '../../../../shared/domain/outbox/new-fact';
import { storedFact } from '../../../../shared/domain/outbox/stored-fact';
import { anArn, countedIds } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { testClock } from '../../../support/rotation-world';

async function committed() {
  const control = memoryControlStore();
  const ports = { clock: testClock(), ids: countedIds() };
  const fact = newFact(keyRetired, ports, { kmsKeyArn: anArn(), replacedBy: anArn('new') });
  await control.commit({ writes: [], facts: [fact] });
  return { control, fact };
}

test('what the outbox has is what counts, in whatever order its fields arrive', async () => {
  const { control, fact } = await committed();
  const turned = Object.fromEntries(Object.entries(fact.detail).reverse());

  expect(await storedFact({ detailType: fact.detailType, detail: turned }, control)).toEqual(fact);
});

test.each([
  ['of another kind', { detailType: 'key-rotated.v1' }, /^detail-type: must be key-retired\.v1/],
  ['that says something else', { more: { kmsKeyArn: anArn('other') } }, /^detail: says something else/],
  ['that says more', { more: { extra: true } }, /^detail: says something else/],
  ['that nobody committed', { more: { factId: 'invented' } }, /^detail\.factId: names no fact/],
  ['without a name', { more: { factId: undefined } }, /^detail\.factId/],
])('a message %s is refused', async (_, { detailType, more }: { detailType?: string; more?: object }, message) => {
  const { control, fact } = await committed();
  const received = { detailType: detailType ?? fact.detailType, detail: { ...fact.detail, ...more } };

  await expect(storedFact(received, control)).rejects.toThrow(message);
});

test('one nested without end is refused, and not a fault of ours', async () => {
  const { control, fact } = await committed();
  let deep: unknown = 'end';
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];

  const received = { detailType: fact.detailType, detail: { ...fact.detail, deep } };

  await expect(storedFact(received, control)).rejects.toThrow(/^detail: is nested too deeply/);
});
