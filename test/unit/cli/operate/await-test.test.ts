import { awaitTest, type NotedTest } from '../../../../cli/operate/await-test';

const [WAITING, ENDED] = [{ testId: 'one' }, { testId: 'one', endedAt: '2026-11-24T12:00:00.000Z' }];

/** Reads these one after the other, and the last from then on. */
function awaited(...noted: readonly (NotedTest | undefined)[]) {
  let looks = 0;
  const read = async () => noted[Math.min(looks++, noted.length - 1)];
  return { ended: awaitTest('one', { read, sender: 'page-oncall', everyMs: 1 }), looks: () => looks };
}

test('a test is waited for until it has ended', async () => {
  const { ended, looks } = awaited(WAITING, WAITING, ENDED);

  expect(await ended).toEqual({ testId: 'one', taken: true });
  expect(looks()).toBe(3);
});

test('one that was not taken says why', async () => {
  const { ended } = awaited({ ...ENDED, failure: 'it answered 404' });

  expect(await ended).toEqual({ testId: 'one', taken: false, failure: 'it answered 404' });
});

test.each([
  ['another test', { ...ENDED, testId: 'two' }],
  ['nothing', undefined],
])('%s is not taken for it', async (_what, noted) => {
  expect(await awaited(WAITING, noted).ended).toMatchObject({
    taken: false,
    failure: expect.stringContaining('took its place'),
  });
});

test('one that nobody sends is given up, naming who should', async () => {
  const { ended, looks } = awaited(WAITING);

  expect(await ended).toMatchObject({ taken: false, failure: expect.stringContaining('page-oncall') });
  expect(looks()).toBe(60);
});
