import * as fc from 'fast-check';
import { allocate, type Claim, WORTH_PER_SECOND } from '../../../../../shared/domain/reencryption/quota/allocate-quota';
import { PRIORITIES } from '../../../../../shared/domain/reencryption/quota/kms-quota';

const claim = fc.record({
  workerId: fc.constantFrom('w1', 'w2', 'w3', 'w4', 'w5'),
  jobId: fc.constantFrom('a', 'b', 'c'),
  priority: fc.constantFrom(...PRIORITIES),
  wanted: fc.double({ min: 0, max: 5_000, noNaN: true }),
});
/** Every worker has one claim for a job, and a job one priority. */
const claims = fc
  .uniqueArray(claim, { maxLength: 12, selector: ({ workerId, jobId }) => `${workerId} ${jobId}` })
  .map((all) => all.map((one) => ({ ...one, priority: PRIORITIES['abc'.indexOf(one.jobId)] ?? 'routine' })));
const total = fc.double({ min: 0, max: 20_000, noNaN: true });

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
const aClaim = (fields: Partial<Claim>): Claim => ({
  workerId: 'w1',
  jobId: 'a',
  priority: 'routine',
  wanted: 5_000,
  ...fields,
});

test('no division hands out more than there is, less than nothing, or more than was wanted', () => {
  fc.assert(
    fc.property(total, claims, (there, all) => {
      const parts = allocate(there, all);
      expect(sum(parts)).toBeLessThanOrEqual(there + 1e-6);
      all.forEach(({ wanted }, at) => {
        expect(parts[at]).toBeGreaterThanOrEqual(0);
        expect(parts[at]).toBeLessThanOrEqual(wanted + 1e-6);
      });
    }),
    { numRuns: 2_000 },
  );
});

test('who claims in which order makes no difference', () => {
  fc.assert(
    fc.property(total, claims, (there, all) => {
      const backwards = [...allocate(there, [...all].reverse())].reverse();
      allocate(there, all).forEach((part, at) => {
        expect(backwards[at]).toBeCloseTo(part, 6);
      });
    }),
    { numRuns: 1_000 },
  );
});

test('where there is enough for all, all get what they want', () => {
  const worth = claims.map((all) => all.map((one) => ({ ...one, wanted: one.wanted + WORTH_PER_SECOND })));
  fc.assert(
    fc.property(worth, (all) => {
      allocate(sum(all.map(({ wanted }) => wanted)) + 1, all).forEach((part, at) => {
        expect(part).toBeCloseTo(all[at]?.wanted ?? 0, 6);
      });
    }),
    { numRuns: 1_000 },
  );
});

test('a job goes first by its priority, and leaves a little to each below it', () => {
  const [compromise, deadline, routine] = allocate(1_000, [
    aClaim({ jobId: 'c', priority: 'compromise' }),
    aClaim({ jobId: 'd', priority: 'deadline' }),
    aClaim({ jobId: 'r', priority: 'routine' }),
  ]);

  expect(compromise).toBeCloseTo(960);
  expect(deadline).toBeCloseTo(20);
  expect(routine).toBeCloseTo(20);
});

test('what a job that goes first has no use for goes to those below it', () => {
  const parts = allocate(1_000, [aClaim({ jobId: 'c', priority: 'compromise', wanted: 300 }), aClaim({})]);

  expect(parts[0]).toBeCloseTo(300);
  expect(parts[1]).toBeCloseTo(700);
});

test('jobs of one priority get the same, however many workers each has', () => {
  const parts = allocate(900, [
    aClaim({ jobId: 'a', workerId: 'w1' }),
    aClaim({ jobId: 'b', workerId: 'w1' }),
    aClaim({ jobId: 'b', workerId: 'w2' }),
    aClaim({ jobId: 'b', workerId: 'w3' }),
  ]);

  expect(parts).toEqual([450, 150, 150, 150]);
});

test('what one job does not want is divided again among the others', () => {
  const parts = allocate(900, [aClaim({ jobId: 'a', wanted: 100 }), aClaim({ jobId: 'b' }), aClaim({ jobId: 'c' })]);

  expect(parts).toEqual([100, 400, 400]);
});

test('too little for all is enough for some: nobody waits seconds for a request', () => {
  const parts = allocate(50, [aClaim({ workerId: 'w1' }), aClaim({ workerId: 'w2' }), aClaim({ workerId: 'w3' })]);

  expect(parts).toEqual([25, 25, 0]);
});
