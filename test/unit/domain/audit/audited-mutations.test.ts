/**
 * What changes in the state of the product itself, and the entry that tells of it, or why none does. A new kind of row, a new fact or
 * a new place that commits without a fact is red here until somebody has decided.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { EntityType } from '../../../../shared/domain/rows';

const ROOT = resolve(__dirname, '../../../..');

const { auditedFacts } = jest.requireActual<{ readonly auditedFacts: readonly string[] }>(
  join(ROOT, 'infra/template.cjs'),
);

const BOOKKEEPING = 'says what is to be done next, or what was seen; what comes of it is told';
const OWN_HEALTH = 'says whether the product works, and nothing of keys: incident-opened.v1 tells of trouble';

/** Every kind of row: the facts that tell of its changes, or why none does. */
const ROWS = {
  customer: ['customer-onboarded.v1', 'customer-changed.v1'],
  'customer-window': ['customer-window-set.v1'],
  'audit-reader': ['audit-reader-changed.v1'],
  'store-resource': ['customer-onboarded.v1'],
  'data-store': [
    'data-store-added.v1',
    'data-keys-reencrypted.v1',
    'data-store-exposed.v1',
    'data-store-cleared.v1',
    'key-rotated.v1',
  ],
  'data-store-count': 'counts rows that are told of themselves',
  'kms-key': ['key-rotated.v1', 'key-retired.v1', 'key-compromised.v1'],
  'rotation-policy': ['rotation-rule-set.v1', 'rotation-strategy-changed.v1'],
  'rotation-rule': ['rotation-rule-set.v1'],
  'customer-alias': ['customer-alias-moved.v1'],
  rotation: ['key-rotated.v1', 'rotation-blocked.v1', 'customer-rotation-requested.v1', 'key-material-requested.v1'],
  'reencryption-job': ['reencryption-changed.v1', 'data-keys-reencrypted.v1'],
  'reencryption-shard': BOOKKEEPING,
  'kms-quota': ['kms-quota-set.v1'],
  'key-watch': ['key-availability-changed.v1'],
  incident: ['incident-opened.v1', 'incident-acknowledged.v1', 'incident-closed.v1'],
  'incident-group': 'gathers incidents that are told of one by one',
  'blind-spot': ['incident-opened.v1'],
  'trouble-watch': ['incident-opened.v1', 'incident-closed.v1'],
  heartbeat: OWN_HEALTH,
  forwarder: OWN_HEALTH,
  'ignored-sender': OWN_HEALTH,
  'page-channels': ['channel-changed.v1'],
  'page-delivery': 'says how a page is delivered; incidents and notices are told of',
  'customer-notice': ['customer-notified.v1'],
  'notice-round': BOOKKEEPING,
  compromise: ['key-compromised.v1', 'compromise-contained.v1', 'compromise-ended.v1'],
  exposure: ['data-store-exposed.v1', 'data-store-cleared.v1'],
  retirement: ['retirement-advanced.v1', 'retirement-certified.v1', 'key-retired.v1', 'key-retirement-refused.v1'],
  'retirement-stop': ['retirement-stopped.v1'],
  approval: ['approval-changed.v1'],
  'used-proof': 'keeps a proof of identity from being used twice; what it was for is told',
  'declared-backup': ['backup-changed.v1'],
  'service-level': ['service-level-set.v1'],
  'sla-interval': ['sla-interval-recorded.v1'],
  'ledger-round': BOOKKEEPING,
  'early-warning': ['key-material-expiring.v1'],
  subscription: ['subscription-changed.v1'],
  'delivery-log': 'says how entries are delivered, which are in the stream themselves',
  'parked-entry': 'the same',
  'usage-meter': ['cost-share-recorded.v1'],
  'key-usage': 'counts uses that streams hold one by one',
  'cost-share': ['cost-share-recorded.v1'],
  'audit-log': 'says when a checkpoint is signed anew; the stream shows each',
  'disabled-subscription': ['subscription-changed.v1'],
  drill: ['drill-ended.v1'],
  'drill-schedule': BOOKKEEPING,
  'trail-cursor': BOOKKEEPING,
  'trail-day': ['audit-gap-found.v1', 'completeness-stated.v1'],
  'customer-day': ['completeness-stated.v1'],
  completeness: ['audit-gap-found.v1', 'completeness-stated.v1'],
} as const satisfies Record<EntityType, readonly string[] | string>;

const ASKS = 'asks for work; what comes of it is told';

/** Facts that no stream holds, and why. */
const NOT_AUDITED: Readonly<Record<string, string>> = {
  'audit-appended.v1': 'a stream that told of its own growth would never stop growing',
  'relay-canary.v1': OWN_HEALTH,
  'key-signal-received.v1': 'a hint; the verdict that follows it is told',
  'oncall-paged.v1': 'tells of the people of the provider; the incident is told',
  'channel-test-requested.v1': ASKS,
  'containment-due.v1': ASKS,
  'deletion-due.v1': ASKS,
  'delivery-due.v1': ASKS,
  'drill-due.v1': ASKS,
  'reencryption-batch-due.v1': ASKS,
  'retirement-due.v1': ASKS,
  'rotation-due.v1': ASKS,
};

/** Files of the domain and its adapters that commit a change without a fact, by the reason. */
const SILENT: Readonly<Record<string, readonly string[]>> = {
  'the next step of work that is told when it ends or stops': [
    'compromise/stages/inventory-data-keys.ts',
    'reencryption/jobs/defer-job.ts',
    'reencryption/jobs/change-job.ts',
    'reencryption/jobs/resume-job.ts',
    'reencryption/start-reencryption.ts',
    'rotation/trigger-rotation.ts',
    'rotation/strategies/rotate-key-on-demand.ts',
    'rotation/strategies/ensure-automatic-rotation.ts',
    'rotation/strategies/replace-key.ts',
    'rotation/follow-rotation.ts',
    'rotation/apply-rotation-rules.ts',
    'rotation/rotate-key.ts',
    'rotation/reconcile-keys.ts',
    'retirement/delete-key.ts',
    'retirement/undo-retirement.ts',
    'retirement/follow-retired-use.ts',
    'retirement/declare-backup.ts',
    'retirement/steps/check-kms-state.ts',
    'retirement/steps/refuse-retirement.ts',
    'retirement/steps/settle-kms.ts',
    'retirement/steps/schedule-check.ts',
    'retirement/steps/disable-key.ts',
    'keys/move-data-stores.ts',
    'drills/run-drill.ts',
    'drills/plan-drills.ts',
    'drills/register-drill-key.ts',
    'sla-ledger/keep-ledger.ts',
    'work-due-rows.ts',
  ],
  'when a stream is signed anew, which it shows': ['audit/append-audit.ts', 'audit/sign-heartbeats.ts'],
  'how far a stream was sent': ['subscriptions/deliver-to.ts'],
  'when a stream is counted next': ['costs/meter-usage.ts'],
  'what log files hold, until the day is stated': ['audit/trail/count-hours.ts', 'audit/trail/reconcile-trail.ts'],
  'counts down, and tells once it is at the end': ['compromise/clear-exposure.ts'],
  'what was seen of a key or of ourselves, before anything is concluded': [
    'availability/raise-signal.ts',
    'availability/assess-key.ts',
    'availability/end-watch.ts',
    'availability/put-off-look.ts',
    'availability/settle-incidents.ts',
    'availability/self-watch/reconcile-troubles.ts',
    'availability/self-watch/note-forwarded.ts',
    'availability/self-watch/note-ignored.ts',
    'availability/self-watch/beat.ts',
  ],
  'how pages and warnings are delivered': [
    'availability/paging/page-oncall.ts',
    'availability/paging/page-notice.ts',
    'availability/paging/send-pages.ts',
    'availability/paging/send-test-page.ts',
    'availability/warnings/warn-early.ts',
  ],
  'leases of some seconds': ['../adapters/leased-rate-limiter.ts'],
};

const contracts = readdirSync(join(ROOT, 'events')).flatMap((file) => {
  const found = /defineEvent\(\s*'([a-z0-9-]+)', (\d+)/.exec(readFileSync(join(ROOT, 'events', file), 'utf8'));
  return found ? [`${found[1]}.v${found[2]}`] : [];
});

test('every fact has its entry, or a reason why not', () => {
  expect(contracts.length).toBeGreaterThan(40);
  expect([...auditedFacts, ...Object.keys(NOT_AUDITED)].sort()).toEqual([...contracts].sort());
});

test.each(Object.entries(ROWS))(
  'changes of a %s are told by facts that streams hold, or there is a reason',
  (_, told) => {
    for (const fact of typeof told === 'string' ? [] : told) expect(auditedFacts).toContain(fact);
    expect(told.length).toBeGreaterThan(0);
  },
);

test('whatever commits a change without a fact has its reason', () => {
  const domain = join(ROOT, 'shared/domain');
  const names = ['domain', 'adapters'].flatMap((room) =>
    readdirSync(join(ROOT, 'shared', room), { recursive: true, encoding: 'utf8' }).map((name) =>
      room === 'domain' ? name : `../${room}/${name}`,
    ),
  );
  const silent = names.filter(
    (name) => name.endsWith('.ts') && readFileSync(join(domain, name), 'utf8').includes('facts: []'),
  );

  expect(silent.sort()).toEqual(Object.values(SILENT).flat().sort());
});
