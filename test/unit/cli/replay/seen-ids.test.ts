import fc from 'fast-check';
import { IN_INPUT, IN_STREAM, seenIds } from '../../../../cli/replay/seen-ids';
import { anEventId } from '../../../support/cloudtrail-records';

test('a name has the marks that it was given in its stream, and no others', () => {
  const name = fc.oneof(
    fc.uuid(),
    fc.string(),
    fc.nat(50).map(anEventId),
    fc.constantFrom('', 'shared:a', '00000000-0000-0000-0000-000000000000'),
  );
  const mark = fc.tuple(name, fc.nat(3), fc.constantFrom<1 | 2>(IN_STREAM, IN_INPUT));
  fc.assert(
    fc.property(fc.array(mark, { maxLength: 200 }), (marks) => {
      const seen = seenIds();
      const model = new Map<string, number>();
      for (const [id, stream, bit] of marks) {
        const key = JSON.stringify([id, stream]);
        expect(seen.mark(id, stream, bit)).toBe(model.get(key) ?? 0);
        model.set(key, (model.get(key) ?? 0) | bit);
      }
      expect(seen.size).toBe(model.size);
    }),
  );
});

test('names are known again after the table grew many times', () => {
  const seen = seenIds();
  const count = 50_000;
  const marksOf = (mark: typeof IN_INPUT | typeof IN_STREAM) =>
    new Set(Array.from({ length: count }, (_, number) => seen.mark(anEventId(number), 1, mark)));

  expect([...marksOf(IN_INPUT)]).toEqual([0]);
  expect([...marksOf(IN_STREAM)]).toEqual([IN_INPUT]);
  expect(seen.size).toBe(count);
});
