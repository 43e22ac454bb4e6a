import type { BlindSpot } from '../../../../../shared/domain/availability/blind-spot';
import { findBlindRegions } from '../../../../../shared/domain/availability/self-watch/find-blind-regions';
import { after, anArn, NOW } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';

const spot = (fields: Partial<BlindSpot> = {}): BlindSpot => {
  const since = fields.since ?? NOW;
  return {
    kmsKeyArn: anArn(),
    trouble: 'kms-outage',
    subject: 'eu-central-1',
    evidence: 'KMS does not answer',
    since,
    looks: 1,
    dueAt: since,
    revision: 1,
    ...fields,
  };
};

function foundAt(now: string, ...spots: readonly BlindSpot[]) {
  const control = memoryControlStore();
  control.given('blind-spot', ...spots);
  return findBlindRegions.find({ control, clock: { now: () => now } });
}

test.each([
  ['own-permissions', 1, 0, false],
  ['own-permissions', 2, 0, true],
  ['kms-outage', 3, 119_999, false],
  ['kms-outage', 3, 120_000, true],
  ['kms-outage', 2, 600_000, false],
  ['throttled', 5, 299_999, false],
  ['throttled', 5, 300_000, true],
  ['cannot-tell', 3, 599_999, false],
  ['cannot-tell', 3, 600_000, true],
] as const)('%s: %i looks in %i ms are trouble: %s', async (trouble, looks, ms, isTrouble) => {
  const { found } = await foundAt(after(ms), spot({ trouble, looks }));

  expect(found.length).toBe(isTrouble ? 1 : 0);
});

test('thirty keys that one broken role keeps out of sight are one trouble, which lists them', async () => {
  const keys = Array.from({ length: 60 }, (_, at) =>
    spot({ kmsKeyArn: anArn(`k${at}`), trouble: 'own-permissions', since: after(at), looks: 1 }),
  );

  const { found, isWhole } = await foundAt(after(1_000), ...keys);

  expect(isWhole).toBe(true);
  expect(found).toMatchObject([{ trouble: 'own-permissions', subject: 'eu-central-1', since: NOW, keyCount: 60 }]);
  expect(found[0]?.kmsKeyArns).toHaveLength(50);
});

test('two regions, and two troubles in one, are told apart', async () => {
  const { found } = await foundAt(
    after(600_000),
    spot({ kmsKeyArn: anArn('a'), looks: 3 }),
    spot({ kmsKeyArn: anArn('b'), looks: 3, subject: 'us-east-1' }),
    spot({ kmsKeyArn: anArn('c'), looks: 5, trouble: 'throttled' }),
  );

  expect(found.map(({ trouble, subject }) => `${trouble} ${subject}`).sort()).toEqual([
    'kms-outage eu-central-1',
    'kms-outage us-east-1',
    'throttled eu-central-1',
  ]);
});

test('of more keys than a run reads, what is not found may be there all the same', async () => {
  const keys = Array.from({ length: 1_001 }, (_, at) => spot({ kmsKeyArn: anArn(`k${at}`) }));

  expect(await foundAt(after(120_000), ...keys)).toMatchObject({ isWhole: false, found: [{ keyCount: 1_000 }] });
});
