import { type QuotaUse, quotaOf, shareOf, sizeOf } from '../../../../../shared/domain/reencryption/quota/kms-quota';
import { aKmsKey, anArn } from '../../../../support/make';

const theirs = aKmsKey({
  kmsKeyArn: anArn('theirs', '999988887777'),
  access: { via: 'role', roleArn: 'arn:aws:iam::999988887777:role/keywright', externalId: 'secret' },
});
const ours = aKmsKey();

test('a re-encryption between our keys counts against our own quota', () => {
  expect(quotaOf(ours, aKmsKey({ kmsKeyArn: anArn('new') }))).toBe('own/eu-central-1');
});

test.each([
  ['from', theirs, ours],
  ['to', ours, theirs],
])('a re-encryption %s a key that a customer’s role reaches counts against that customer’s quota', (_, from, to) => {
  expect(quotaOf(from, to)).toBe('999988887777/eu-central-1');
});

test('a key in a customer’s account that its own policy opens to us counts against ours: the caller is throttled', () => {
  expect(quotaOf(ours, aKmsKey({ kmsKeyArn: anArn('theirs', '999988887777') }))).toBe('own/eu-central-1');
});

const use = (fields: Partial<QuotaUse>): QuotaUse => ({ quotaId: 'own/x', jobId: 'a', priority: 'routine', ...fields });

test('our own quota may be used up to its end, and a customer’s up to what they agreed to or a tenth', () => {
  expect(shareOf(use({ agreedShare: 0.3 }))).toBe(1);
  expect(shareOf(use({ quotaId: '999988887777/x', agreedShare: 0.3 }))).toBe(0.3);
  expect(shareOf(use({ quotaId: '999988887777/x' }))).toBe(0.1);
});

test('a quota is as large as AWS has it in the region, and as large as it is said to be where somebody says so', () => {
  expect(sizeOf({ quotaId: 'own/eu-central-1' })).toBe(20_000);
  expect(sizeOf({ quotaId: 'own/eu-north-1' })).toBe(10_000);
  expect(sizeOf({ quotaId: 'own/eu-north-1', perSecond: 500 })).toBe(500);
});
