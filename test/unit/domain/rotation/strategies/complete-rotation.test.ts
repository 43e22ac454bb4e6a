import { later } from '../../../../../shared/domain/instants';
import { completeRotation } from '../../../../../shared/domain/rotation/strategies/complete-rotation';
import { openRotation } from '../../../../../shared/domain/rotation/strategies/open-rotation';
import { aKmsKey, aMaterial, anArn, aPolicy, countedIds, NOW } from '../../../../support/make';
import { testClock } from '../../../../support/rotation-world';

const DAY_MS = 86_400_000;
const TO = { kmsKeyArn: anArn(), keyMaterialId: aMaterial(2), skipped: [] };

function completed(policy?: ReturnType<typeof aPolicy>, to = TO) {
  const ports = { clock: testClock(), ids: countedIds() };
  const key = aKmsKey({ revision: 3 });
  const { rotation } = openRotation(key, { strategy: 'kms-on-demand', startedBy: 'person' }, ports);
  const { writes, facts } = completeRotation(
    rotation,
    { ...key, openRotationId: rotation.rotationId },
    policy,
    to,
    ports,
  );
  const row = (entityType: string) => writes.find((write) => write.entityType === entityType)?.row;
  return { rotation, row, facts };
}

test('the key has its new material and is free for the next rotation, and its data keys are to follow', () => {
  const { rotation, row, facts } = completed(aPolicy({ reencrypt: true }));

  expect(row('rotation')).toMatchObject({ state: 'rotated', jobId: rotation.rotationId, rotatedAt: NOW });
  expect(row('kms-key')).toMatchObject({ keyMaterialId: TO.keyMaterialId });
  expect(row('kms-key')).not.toHaveProperty('openRotationId');
  expect(facts.map(({ detail }) => detail)).toMatchObject([
    { toKeyMaterialId: TO.keyMaterialId, reencrypt: true, fromKeyMaterialId: rotation.fromKeyMaterialId },
  ]);
});

test('where the policy wants no re-encryption it is done', () => {
  const { row } = completed(aPolicy({ reencrypt: false }));

  expect(row('rotation')).toMatchObject({ state: 'done', doneAt: NOW });
  expect(row('rotation')).not.toHaveProperty('jobId');
});

test('the next period counts from now, and what made this one due is over', () => {
  const policy = aPolicy({ periodDays: 90, since: later(NOW, -100 * DAY_MS), triggered: { by: 'uses', at: NOW } });

  const { row } = completed(policy);

  expect(row('rotation-policy')).toMatchObject({ since: NOW });
  // Spread over the last days of the period.
  const { dueAt } = row('rotation-policy') as { dueAt: string };
  expect(dueAt > later(NOW, 80 * DAY_MS) && dueAt <= later(NOW, 90 * DAY_MS)).toBe(true);
  expect(row('rotation-policy')).not.toHaveProperty('triggered');
});

test('a key that was replaced keeps its own material', () => {
  const { row } = completed(undefined, { ...TO, kmsKeyArn: anArn('new') });

  expect(row('kms-key')).toMatchObject({ keyMaterialId: aKmsKey().keyMaterialId });
});
