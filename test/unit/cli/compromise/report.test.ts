import { showCompromise, showCompromises, showProtects } from '../../../../cli/compromise/report';
import type { CompromiseStatus, ShownCompromise } from '../../../../shared/domain/compromise/compromise-status';
import { anArn, NOW } from '../../../support/make';

const shown = (fields: Partial<ShownCompromise> = {}): ShownCompromise => ({
  compromiseId: 'c-1',
  what: 'kms-key',
  kmsKeyArn: anArn(),
  reason: 'A laptop was stolen.',
  declaredBy: 'arn:aws:iam::111122223333:user/ann',
  declaredAt: NOW,
  replaceDataKeys: true,
  state: 'contained',
  stage: 'over',
  step: 5,
  dataStores: 2,
  affected: 2,
  cleared: 1,
  dataKeys: 1234,
  cleanFrom: NOW,
  dueAt: NOW,
  ...fields,
});

const status = (fields: Partial<CompromiseStatus> = {}): CompromiseStatus => ({
  compromise: shown(),
  exposures: [
    {
      ...{ compromiseId: 'c-1', customerId: 'acme', dataStoreId: 'documents', kmsKeyArn: anArn(), dataKeys: 1234 },
      ...{ from: NOW, until: NOW, state: 'exposed', scan: { startedAt: NOW, looked: 90, reprotected: 40, left: 0 } },
    },
  ],
  more: false,
  left: 1,
  reprotected: 40,
  ...fields,
});

test('a dry run says how much is protected, whether that is all, and that nothing was touched', () => {
  const protects = { customers: 1, dataStores: 2, dataKeys: 10_000, from: NOW, isWhole: false };

  const text = showProtects(protects);

  expect(text).toContain('It protects 10,000 data keys of 1 customer in 2 data stores.');
  expect(text).toContain('There are more than were counted.');
  expect(text).toContain('Nothing was touched.');
  expect(showProtects({ ...protects, isWhole: true })).not.toContain('There are more');
});

test('while data stores are left the next step is named, with the moment from which scans count', () => {
  const text = showCompromise(status());

  expect(text).toContain(`Compromise c-1 of ${anArn()}: contained`);
  expect(text).toContain('40 records protected anew; 1 data stores are left.');
  expect(text).toContain(`from 2026-11-24`);
  expect(text).toMatch(/acme +documents +exposed +1,234/);
});

test('what it waits for is said, and nothing is asked of applications before it is contained', () => {
  const open = shown({ state: 'open', stage: 'verify', waitingFor: 'Still under it: 3 data keys.' });

  const text = showCompromise(status({ compromise: open }));

  expect(text).toContain('Waits: Still under it: 3 data keys.');
  expect(text).not.toContain('keywright-envelope');
});

test('data keys that stay in use are shown, not waited for', () => {
  const text = showCompromise(status({ compromise: shown({ replaceDataKeys: false, state: 'ended' }), left: 0 }));

  expect(text).toMatch(/acme +documents +notified/);
  expect(text).not.toContain('are left');
});

test('a list says what each is, and that there is none where there is none', () => {
  const text = showCompromises([
    shown(),
    shown({ compromiseId: 'c-2', what: 'data-keys', state: 'ended', dataKeys: 1 }),
  ]);

  expect(text).toMatch(/c-1 +KMS key +contained +2 +1,234/);
  expect(text).toMatch(/c-2 +data keys +ended +2 +1 /);
  expect(showCompromises([])).toBe('No compromise.');
});
