import { showPlan, showRetirement, showRetirements } from '../../../../cli/retire/report';
import { said } from '../../../../cli/retire/steps';
import type { RetirementPlan } from '../../../../shared/domain/api/plan-retirement';
import type { ShownRetirement } from '../../../../shared/domain/api/retirement-outlook';
import { RETIREMENT_DEFAULTS } from '../../../../shared/domain/retirement/retirement-terms';
import { anArn, NOW } from '../../../support/make';

const HASH = 'ab'.repeat(32);
const ANN = 'arn:aws:iam::111122223333:user/ann';

const retirement = (fields: Partial<ShownRetirement> = {}): ShownRetirement => ({
  kmsKeyArn: anArn(),
  terms: RETIREMENT_DEFAULTS,
  stage: 'deletable',
  since: NOW,
  waitsFor: 'a person who asks for schedule-deletion, and another who approves',
  undo: 'Undo its step `disable`.',
  certificate: { hash: HASH, verdict: 'safe-to-delete', issuedAt: NOW },
  ...fields,
});

const request = {
  ...({
    kmsKeyArn: anArn(),
    step: 'schedule-deletion',
    certificateHash: HASH,
    requestedBy: ANN,
    requesterId: 'AIDAANN',
  } as const),
  ...{ requestedAt: NOW, reason: 'quiet since May', expiresAt: NOW, revision: 1 },
};

test('where a person is waited for, the command that they type is printed', () => {
  const { kmsKeyArn: _key, revision: _store, ...approval } = request;
  const to = `${anArn()} schedule-deletion --certificate ${HASH}`;

  expect(showRetirement(retirement())).toContain(`keywright retire request ${to} --reason TEXT`);
  expect(showRetirement(retirement({ approval }))).toContain(`keywright retire approve ${to}`);
  expect(showRetirement(retirement({ approval: { ...approval, approvedBy: 'arn' } }))).not.toContain('keywright');
});

test('a retirement that is held says by whom and why, and how it goes on', () => {
  const text = showRetirement(retirement({ stage: 'watching', held: { by: ANN, reason: 'an export', at: NOW } }));

  expect(text).toContain(`held by ${ANN} since 2026-11-24 12:00:00 UTC: an`);
  expect(text).toContain(`keywright retire start ${anArn()}`);
  expect(text).not.toContain('retire request');
});

test('what only time or a proof brings asks nobody for anything, and says until when', () => {
  const text = showRetirement(retirement({ stage: 'disabled', waitsFor: 'a time', until: NOW }));

  expect(text).toContain(`waits for a time, until 2026-11-24 12:00:00 UTC`);
  expect(text).not.toContain('keywright');
});

test('a dry run says that nothing was touched, and gives no next command', () => {
  const text = showRetirement(retirement(), { dryRun: true });

  expect(text).toContain('Nothing was touched.');
  expect(text).not.toContain('keywright');
});

test('a plan counts each kind that needs the key, and shows how far the retirement is', () => {
  const plan: RetirementPlan = {
    kmsKeyArn: anArn(),
    state: 'retiring',
    replacedBy: anArn('new'),
    needs: { jobs: ['job-1'], backups: ['dump-7'], dataStores: ['acme/documents'], dataKeys: 1234 },
    refused: { references: ['1 data keys'], at: NOW },
    retirement: retirement({ stage: 'watching', waitsFor: 'proof', until: NOW }),
    next: 'Its re-encryption is under way.',
  };

  const text = showPlan(plan);

  expect(text).toContain('needed by 1 data stores, 1,234 data keys, 1 jobs, 1 backups');
  for (const part of ['re-encryption job job-1', 'backup dump-7', 'data store acme/documents', 'stage watching']) {
    expect(text).toContain(part);
  }
});

test('several retirements are a table, one is told whole, and where there is none a way is named', () => {
  const two = showRetirements([retirement(), retirement({ kmsKeyArn: anArn('b'), stage: 'quiet', until: NOW })], true);

  expect(two).toMatch(new RegExp(`${anArn()} +deletable +2026-11-24 12:00:00 UTC +a person who asks`));
  expect(two).toContain('There are more');
  expect(showRetirements([retirement()], false)).toContain('undo: Undo its step');
  expect(showRetirements([], false)).toContain('keywright retire start');
});

test('a step says who asked and why; once approved, how it is taken back', () => {
  const asked = said(request, false);
  const approved = said({ ...request, approvedBy: 'arn:aws:iam::111122223333:user/bob' }, false);

  expect(asked).toContain(`asked for by ${ANN}: quiet since May`);
  expect(asked).toContain(`keywright retire approve ${anArn()} schedule-deletion --certificate ${HASH}`);
  expect(approved).toContain('approved by arn:aws:iam::111122223333:user/bob');
  expect(approved).toContain('keywright retire undo');
  expect(said(request, true)).toContain('Nothing was touched.');
});
