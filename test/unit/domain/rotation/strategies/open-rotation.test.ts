import { openRotation } from '../../../../../shared/domain/rotation/strategies/open-rotation';
import { aKmsKey, anArn, countedIds, NOW } from '../../../../support/make';
import { testClock } from '../../../../support/rotation-world';

const ports = () => ({ clock: testClock(), ids: countedIds() });
const HOW = { strategy: 'kms-on-demand', startedBy: 'person' } as const;

test('the rotation, the fence on its key and the fact are one change', () => {
  const key = aKmsKey({ revision: 3 });

  const { rotation, writes, facts } = openRotation(key, HOW, ports());

  const { rotationId } = rotation;
  expect(writes).toEqual([
    { entityType: 'rotation', row: rotation },
    { entityType: 'kms-key', row: { ...key, openRotationId: rotationId } },
  ]);
  expect(rotation).toMatchObject({ ...HOW, state: 'requested', customerId: 'acme', requestedAt: NOW, revision: 0 });
  expect(facts.map(({ detail }) => detail)).toMatchObject([{ rotationId, kmsKeyArn: anArn(), strategy: HOW.strategy }]);
});

test('of a key that many share no customer is named', () => {
  const { customerId: _, ...shared } = aKmsKey({ option: 'managed' });

  expect(openRotation(shared, HOW, ports()).rotation).not.toHaveProperty('customerId');
});
