import { nextHour } from '../../../../../shared/domain/audit/trail/next-hour';
import { unlistedFiles } from '../../../../../shared/domain/audit/trail/unlisted-files';
import { ACCOUNT } from '../../../../support/cloudtrail-records';
import { memoryTrail } from '../../../../support/memory-trail';

const START = '2026-11-24T22:00:00.000Z';
const END = '2026-11-24T23:00:00.000Z';
const CURSOR = { trailId: 'ours', until: START, revision: 1 };

test('an hour comes once it has settled, and the first that is followed begins the chain', async () => {
  const { files, keys, digestUntil } = memoryTrail(START);
  const at = (now: string) => ({
    trail: { accountId: ACCOUNT, region: 'eu-central-1' },
    clock: { now: () => now },
    ...{ files, keys },
  });

  expect(await nextHour(CURSOR, at(END))).toBeUndefined();
  digestUntil(END);
  expect(await nextHour(CURSOR, at('2026-11-24T23:14:59.000Z'))).toBe('settling');
  const hour = await nextHour(CURSOR, at('2026-11-24T23:15:00.000Z'));
  expect(hour).toMatchObject({ from: START, to: END, chain: 'begun', gaps: [] });
  if (hour === undefined || hour === 'settling') throw new Error('it has settled');
  expect(await unlistedFiles(hour, undefined, files)).toEqual([]);
});
