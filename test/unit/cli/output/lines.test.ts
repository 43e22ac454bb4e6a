/** What people read fits 80 columns, has one format of time, and keeps whole what is copied. */
import { showPolicy, showRule } from '../../../../cli/policy/report';
import { showQuota } from '../../../../cli/quota/command';
import { showJob } from '../../../../cli/reencrypt/report';
import { showPlan, showRetirement } from '../../../../cli/retire/report';
import { said } from '../../../../cli/retire/steps';
import { rotationText } from '../../../../cli/rotate/command';
import type { ShownRetirement } from '../../../../shared/domain/api/retirement-outlook';
import type { Approval } from '../../../../shared/domain/retirement/approval';
import { RETIREMENT_DEFAULTS } from '../../../../shared/domain/retirement/retirement-terms';
import type { Rotation } from '../../../../shared/domain/rotation/rotation';
import { NOW } from '../../../support/make';

const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const ROLE = 'arn:aws:sts::111122223333:assumed-role/on-call/somebody.with.a.name@example.com';
const HASH = 'ab'.repeat(32);
const REASON = 'the monthly export to the archive still needs it, and nobody else does as far as we know';

const retirement: ShownRetirement = {
  kmsKeyArn: ARN,
  terms: RETIREMENT_DEFAULTS,
  stage: 'watching',
  since: NOW,
  until: NOW,
  reason: REASON,
  asked: { by: ROLE, at: NOW },
  held: { by: ROLE, at: NOW, reason: REASON },
  waitsFor: 'a person who asks for schedule-deletion, and another who approves',
  undo: 'Undo its step `disable`: KMS enables the key, at once, and whoever needs it can use it again.',
  certificate: { hash: HASH, verdict: 'safe-to-delete', issuedAt: NOW },
};
const terms = {
  strategy: 'replace',
  periodDays: 365,
  reencrypt: true,
  window: { days: ['sat', 'sun'], from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' },
  retirement: RETIREMENT_DEFAULTS,
} as const;
const rule = { scope: 'option/managed', setBy: ROLE, setAt: NOW, dueAt: NOW, ...terms, revision: 1 } as const;
const policy = { kmsKeyArn: ARN, ...terms, scope: 'option/managed', dueAt: NOW, revision: 1 } as const;
const rotation: Rotation = {
  rotationId: 'a'.repeat(32),
  kmsKeyArn: ARN,
  fromKeyMaterialId: 'm',
  strategy: 'kms-on-demand',
  state: 'requested',
  startedBy: 'person',
  requestedAt: NOW,
  revision: 1,
};
const approval: Approval = {
  kmsKeyArn: ARN,
  step: 'schedule-deletion',
  certificateHash: HASH,
  requestedBy: ROLE,
  requesterId: 'AIDA',
  requestedAt: NOW,
  reason: REASON,
  expiresAt: NOW,
  revision: 1,
};
const needs = { jobs: [], backups: [], dataStores: ['acme/files'], dataKeys: 1 };

const TEXTS: Readonly<Record<string, string>> = {
  rotate: rotationText(rotation),
  'rotate --dry-run': rotationText({
    would: 'begin',
    strategy: 'kms-on-demand',
    kmsKeyArn: ARN,
    fromKeyMaterialId: 'm',
  }),
  'retire status': showRetirement(retirement),
  'retire plan': showPlan({ kmsKeyArn: ARN, state: 'retiring', retiredAt: NOW, replacedBy: ARN, needs, next: REASON }),
  'retire request': said(approval, false),
  'retire approve': said({ ...approval, approvedBy: ROLE }, false),
  'policy show': showPolicy({ kmsKeyArn: ARN, policy, rule }),
  'policy show, none': showPolicy({ kmsKeyArn: ARN }),
  'policy set': showRule({ rule, kmsKeyArns: [ARN], more: false }, { dryRun: false }),
  quota: showQuota({ quotaId: 'own/eu-central-1', perSecond: 20_000, reserved: 2_000, jobs: [] }),
  'reencrypt status': showJob({
    jobId: 'a'.repeat(32),
    state: 'paused',
    reencrypted: 1,
    quarantined: 0,
    waitsUntil: NOW,
    pausedBy: ROLE,
  }),
};

test.each(Object.entries(TEXTS))('keywright %s wraps its prose and keeps ARNs and commands whole', (_, text) => {
  const long = text.split('\n').filter((line) => line.length > 80);

  expect(long.filter((line) => !/^ *(keywright .*|\S+)$/.test(line))).toEqual([]);
  expect(text).not.toContain('T12:00:00');
});
