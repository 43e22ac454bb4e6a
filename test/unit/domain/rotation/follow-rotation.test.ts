import { readKmsRecord } from '../../../../events/cloudtrail-kms-record';
import { KeywrightError } from '../../../../shared/domain/errors';
import { followRotation, noticeRotation } from '../../../../shared/domain/rotation/follow-rotation';
import { planRotations } from '../../../../shared/domain/rotation/plan-rotations';
import { aServiceEvent, OTHER_ACCOUNT } from '../../../support/cloudtrail-records';
import { aMaterial, anArn, OUR_ACCOUNT } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

const seen = { kmsKeyArn: anArn(), rotationType: 'AUTOMATIC' };

test('a rotation that we did not start is recorded and published like one that we did', async () => {
  const world = rotationWorld();
  const key = world.givenKey({}, { dueAt: '2027-01-01T00:00:00.000Z' });
  const newest = world.kms.rotate(anArn());

  expect(await followRotation(seen, world.ports)).toBe('followed');

  expect(await world.control.find('kms-key', anArn())).toMatchObject({ keyMaterialId: newest });
  expect(world.control.all('rotation')).toMatchObject([
    { startedBy: 'observed', strategy: 'kms-automatic', state: 'rotated' },
  ]);
  expect(world.control.outbox.at(-1)).toMatchObject({
    detailType: 'key-rotated.v1',
    detail: { fromKeyMaterialId: key.keyMaterialId, toKeyMaterialId: newest, startedBy: 'observed' },
  });
});

test('the same event again, or a copy at the same time, changes nothing', async () => {
  const world = rotationWorld();
  world.givenKey();
  world.kms.rotate(anArn());

  const outcomes = await Promise.all([1, 2, 3].map(() => followRotation(seen, world.ports)));
  outcomes.push(await followRotation(seen, world.ports));

  expect(outcomes.filter((outcome) => outcome === 'followed')).toHaveLength(1);
  expect(world.facts()).toEqual(['key-rotated.v1']);
});

test('it ends the rotation that is open', async () => {
  const world = rotationWorld();
  world.givenKey({}, { strategy: 'kms-automatic' });
  await planRotations(world.ports);
  world.kms.rotate(anArn());

  await followRotation(seen, world.ports);

  expect(world.control.all('rotation')).toMatchObject([
    { rotationId: 'id-000001', startedBy: 'schedule', state: 'rotated' },
  ]);
  expect(await world.control.find('kms-key', anArn())).not.toHaveProperty('openRotationId');
});

test('an event is a hint: what KMS does not show is not believed', async () => {
  const world = rotationWorld();
  const key = world.givenKey();

  expect(await followRotation({ ...seen, previousKeyMaterialId: aMaterial(7) }, world.ports)).toBe('known');

  expect(await world.control.find('kms-key', anArn())).toEqual(key);
  expect(world.facts()).toEqual([]);
});

test('while KMS does not show yet what the event says, it is looked at again', async () => {
  const world = rotationWorld();
  const key = world.givenKey();
  const event = { ...seen, previousKeyMaterialId: key.keyMaterialId };

  await expect(followRotation(event, world.ports)).rejects.toMatchObject({ code: 'kms.conflict', retry: true });
});

test('a key that is none of ours is ignored', async () => {
  expect(await followRotation(seen, rotationWorld().ports)).toBe('unknown-key');
});

test('a customer’s rotation is theirs', async () => {
  const world = rotationWorld();
  world.givenKey({ option: 'customer-managed' });
  world.kms.rotate(anArn());

  await followRotation({ kmsKeyArn: anArn(), rotationType: 'ON_DEMAND' }, world.ports);

  expect(world.control.all('rotation')).toMatchObject([{ strategy: 'customer' }]);
});

test('new material of a key that is being replaced does not end the replacement', async () => {
  const world = rotationWorld();
  world.givenKey({}, { strategy: 'replace' });
  await planRotations(world.ports);
  const newest = world.kms.rotate(anArn());

  await followRotation(seen, world.ports);

  expect(world.control.all('rotation')).toMatchObject([{ state: 'requested', strategy: 'replace' }]);
  expect(await world.control.find('kms-key', anArn())).toMatchObject({
    keyMaterialId: newest,
    openRotationId: 'id-000001',
  });
});

describe('an event of a rotation', () => {
  const told = (fields = {}) =>
    readKmsRecord({
      ...aServiceEvent({ resources: [{ ARN: anArn() }], recipientAccountId: OUR_ACCOUNT, serviceEventDetails: null }),
      ...fields,
    });
  const rotated = () => {
    const world = rotationWorld();
    world.givenKey();
    world.kms.rotate(anArn());
    return world;
  };

  test('is followed where the key is of the account that sent it', async () => {
    expect(await noticeRotation(told(), OUR_ACCOUNT, rotated().ports)).toBe('followed');
  });

  test.each([
    ['forwarded by an account whose key it is not', told({ recipientAccountId: OTHER_ACCOUNT }), OTHER_ACCOUNT],
    ['whose record is of another account than its sender', told(), OTHER_ACCOUNT],
    ['that passes for ours', told({ recipientAccountId: OTHER_ACCOUNT }), OUR_ACCOUNT],
  ])('%s does nothing', async (_, record, account) => {
    const world = rotated();

    expect(await noticeRotation(record, account, world.ports)).toBe('ignored');
    expect(world.facts()).toEqual([]);
  });

  test('of a key that we cannot look at is left to its return, and parked nowhere', async () => {
    const { ports } = rotated();
    const describe = () => Promise.reject(new KeywrightError('sts.role-refused', 'The role was taken away.'));

    expect(await noticeRotation(told(), OUR_ACCOUNT, { ...ports, observer: { ...ports.observer, describe } })).toBe(
      'away',
    );
  });
});
