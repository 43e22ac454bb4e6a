import { auditGapFound } from '../../../../../events/audit-gap-found';
import { completenessStated } from '../../../../../events/completeness-stated';
import { ACCOUNT } from '../../../../support/cloudtrail-records';
import { at, lossyDay, START, type TrailWorld, trailWorld } from '../../../../support/trail-world';

test('a day is stated to each customer once, with counts by hour and the entries that it covers', async () => {
  const it = trailWorld();
  await lossyDay(it);
  await it.until(at(6));

  const statements = it.told(completenessStated.detailType);
  const [acmes, ...more] = statements.filter(({ customerId }) => customerId === 'acme');
  expect(more).toEqual([]);
  expect(acmes).toMatchObject({
    accountId: ACCOUNT,
    day: '2026-11-24',
    ...{ fromEvents: 2, late: 1, gapCount: 0, isComplete: true, firstIndex: 0, endIndex: 3 },
  });
  expect(acmes?.['hours']).toEqual([
    expect.objectContaining({ from: START, to: at(1), chain: 'begun', fromEvents: 1, late: 1, reasons: [] }),
    expect.objectContaining({ from: at(1), chain: 'linked', fromEvents: 1, late: 0 }),
  ]);
  expect(statements.filter(({ customerId }) => customerId === 'hooli')).toMatchObject([
    { fromEvents: 0, late: 0, isComplete: true, firstIndex: 0, endIndex: 0 },
  ]);
});

test.each([
  ['a log file that was taken away', 'file-missing', (it: TrailWorld, file: string) => it.trail.objects.delete(file)],
  [
    'a log file that was changed',
    'file-changed',
    (it: TrailWorld, file: string) => it.trail.objects.set(file, { body: Buffer.from('{"Records":[]}'), metadata: {} }),
  ],
])(
  '%s is a gap that each customer and nobody else is named in, and nothing of it is believed',
  async (_, reason, tamper) => {
    const it = trailWorld();
    tamper(it, await lossyDay(it));
    await it.until(at(6));

    expect(it.lateEntries()).toEqual([]);
    const gaps = it.told(auditGapFound.detailType);
    expect(gaps.map(({ customerId }) => customerId).sort()).toEqual(['acme', 'hooli']);
    for (const gap of gaps) {
      expect(gap).toMatchObject({ accountId: ACCOUNT, region: 'eu-central-1', from: START, to: at(1), gapCount: 1 });
      expect(gap['gaps']).toEqual([{ reason, object: expect.stringMatching(/^AWSLogs\//) }]);
    }
    expect(JSON.stringify(gaps.find(({ customerId }) => customerId === 'hooli'))).not.toContain('acme');
    expect(it.told(completenessStated.detailType)).toContainEqual(
      expect.objectContaining({ customerId: 'acme', isComplete: false, gapCount: 1, fromEvents: 1 }),
    );
  },
);
