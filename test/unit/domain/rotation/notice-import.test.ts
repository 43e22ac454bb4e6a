import { readKmsRecord } from '../../../../events/cloudtrail-kms-record';
import { noticeImport } from '../../../../shared/domain/rotation/notice-import';
import { planRotations } from '../../../../shared/domain/rotation/plan-rotations';
import { rotateKey } from '../../../../shared/domain/rotation/rotate-key';
import { aChange, CUSTOMER_ACCOUNT } from '../../../support/key-events';
import { anArn, after as fromNow, OUR_ACCOUNT } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

const imported = readKmsRecord(
  aChange('ImportKeyMaterial', {
    resources: [{ accountId: OUR_ACCOUNT, type: 'AWS::KMS::Key', ARN: anArn() }],
    recipientAccountId: OUR_ACCOUNT,
  }),
);

function world(policy = {}) {
  const made = rotationWorld();
  made.givenKey({}, { strategy: 'imported-material', ...policy });
  made.kms.describeAs(anArn(), { origin: 'EXTERNAL' });
  return made;
}

test('material that an open rotation waits for is rotated to at once', async () => {
  const { ports, kms, control } = world();
  await planRotations(ports);
  await rotateKey({ rotationId: control.all('rotation')[0]?.rotationId ?? '' }, ports);
  kms.importMaterial(anArn());

  await noticeImport(imported, OUR_ACCOUNT, ports);

  expect(kms.spent(anArn())).toBe(1);
});

test('material that nobody asked for makes its rotation due', async () => {
  const { ports, kms } = world({ dueAt: fromNow(1e9) });
  kms.importMaterial(anArn());

  expect(await noticeImport(imported, OUR_ACCOUNT, ports)).toBe('due');
  expect(await noticeImport(imported, OUR_ACCOUNT, ports)).toBe('ignored');

  expect((await planRotations(ports)).planned).toMatchObject({ started: 1 });
});

test('an event that KMS does not bear out changes nothing, nor does one from another account', async () => {
  const { ports, kms, control } = world({ dueAt: fromNow(1e9) });
  const before = control.all('rotation-policy');

  await noticeImport(imported, OUR_ACCOUNT, ports);
  kms.importMaterial(anArn());
  await noticeImport(imported, CUSTOMER_ACCOUNT, ports);

  expect(control.all('rotation-policy')).toEqual(before);
});
