import { namesOfFact, namesOfForwarded, namesOfOwn } from '../../../../shared/domain/audit/dedupe-names';

test('a record of ours is known by its id and by the id that copies share', () => {
  expect(namesOfOwn({ eventId: 'e' })).toEqual({ dedupeKeys: ['e'] });
  expect(namesOfOwn({ eventId: 'e', sharedEventId: 's' })).toEqual({ dedupeKeys: ['e', 'shared:s'] });
});

test('nothing that a forwarded record says gives it a name of a record of ours or of a fact', () => {
  const hostile = ['e', 'shared:s', 'fact:f', 'from:1:e', 'x'.repeat(256), '\uD800'];
  const ours = hostile.flatMap((id) => [
    ...namesOfOwn({ eventId: id, sharedEventId: id }).dedupeKeys,
    ...namesOfFact(id).dedupeKeys,
  ]);
  const theirs = hostile.flatMap((id) => namesOfForwarded({ eventId: id, sharedEventId: id }, '2').dedupeKeys);

  expect(theirs.filter((name) => ours.includes(name))).toEqual([]);
  expect(new Set(theirs).size).toBe(hostile.length);
});

test.each(['x'.repeat(256), '\u{1F600}'.repeat(128), '\uD800'])(
  'a name that is no part of a key is known by its hash',
  (eventId) => {
    const hash = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
    expect(namesOfOwn({ eventId, sharedEventId: eventId }).dedupeKeys).toEqual([hash, hash]);
  },
);
