/** Incidents, impact and status as a person reads them: within 80 columns, and nothing that a terminal obeys. */
import { showImpact } from '../../../../cli/impact/command';
import { showAcknowledged, showExplanation, showIncident, showIncidents } from '../../../../cli/incidents/report';
import { showStatus } from '../../../../cli/status/command';
import { shown } from '../../../../shared/domain/api/show-incident';
import type { ProductStatus } from '../../../../shared/domain/api/show-status';
import { explainIncident } from '../../../../shared/domain/availability/incidents/explain-incident';
import type { KeyIncident } from '../../../../shared/domain/availability/incidents/incident';
import { summaryOf } from '../../../../shared/domain/availability/incidents/incident-summary';
import { timelineOf } from '../../../../shared/domain/availability/incidents/incident-timeline';
import { CAUSES } from '../../../../shared/domain/availability/verdict';
import { aDataStore, after, anIncident, NOW } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';

const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const ID = 'a'.repeat(32);
const ADA = 'arn:aws:sts::111122223333:assumed-role/on-call-engineers/ada.lovelace@example.com';

/** What holds an ARN cannot be broken; everything else fits. */
function fits(text: string): void {
  for (const line of text.split('\n')) if (!line.includes('arn:')) expect(line.length).toBeLessThanOrEqual(80);
  expect(text).not.toMatch(/undefined|\[object/);
}

const acknowledged = {
  by: ADA,
  at: after(5_000),
  note: 'I am calling the security contact of the customer now, and our own',
};
const full = (fields: Partial<KeyIncident> = {}) =>
  anIncident({ incidentId: ID, kmsKeyArn: ARN, recoverableUntil: after(86_400_000 * 7), acknowledged, ...fields });

async function explained(incident: KeyIncident): Promise<string> {
  const control = memoryControlStore();
  control.given('incident', incident);
  control.given('data-store', aDataStore());
  return showExplanation(await explainIncident(incident.incidentId, { control }));
}

test.each(CAUSES)('an incident by %s is listed, shown and explained in 80 columns', async (cause) => {
  const incident = full({ cause, evidence: 'KMS refused the call: an explicit deny, resource-based policy' });

  fits(showIncidents({ incidents: [summaryOf(incident)], more: false }));
  fits(showIncident({ incident: shown(incident), timeline: timelineOf(incident) }));
  fits(await explained(incident));
});

test('a list says what is over until when, where the next page begins, and that not all were read', () => {
  const closed = summaryOf(full({ state: 'closed', recoveredAt: after(9_000) }));

  const text = showIncidents({ incidents: [closed], next: `closed/${ID}`, more: true });

  expect(text).toContain('over, since 2026-11-24 12:00:02 UTC until 2026-11-24 12:00:09 UTC');
  expect(text).toContain(`--after closed/${ID}`);
  expect(text).toContain('Not all were read');
  expect(showIncidents({ incidents: [], more: false })).toMatch(/^No incident/);
});

test('an incident that is over is explained as past, without what can be done no more', async () => {
  const outlook = {
    lostAt: NOW,
    stopping: [{ stops: 'known', stopsAt: NOW, dataStores: 1, customerFacing: 1 }],
  } as const;
  const kept = [{ ...outlook.stopping[0], stopsAt: after(9_000) }];
  const fields = { state: 'closed', recoveredAt: after(5_000), recoverableUntil: after(86_400_000) } as const;

  const text = await explained(full({ ...fields, outlook }));
  const spared = await explained(full({ ...fields, outlook: { ...outlook, stopping: kept } }));

  expect(text).toMatch(/What it did\n[\s\S]*failed\s+from\s+2026-11-24\s+12:00:00\s+UTC/);
  expect(text).toContain('while it lasted');
  expect(text).not.toMatch(/would have|Until|works until|\bfail from|What to do/);
  expect(spared).toMatch(/would\s+have\s+failed\s+from/);
});

test('who acknowledges again is told which note stands, and that the new one does not', () => {
  const incident = shown(full());

  expect(showAcknowledged(incident, acknowledged.note)).not.toContain('NOT kept');
  expect(showAcknowledged(incident, 'somebody else calls').replace(/\s+/g, ' ')).toMatch(
    /that note stands: I am calling.*was NOT kept/,
  );
  fits(showAcknowledged(incident, 'somebody else calls'));
});

test('trouble of our own that has no keys does not count them', () => {
  const one = { kind: 'operator', incidentId: ID, state: 'open', severity: 'critical', detectedAt: NOW } as const;

  const text = showIncidents({
    incidents: [{ ...one, trouble: 'pages-silent', subject: 'page-oncall', keyCount: 0 }],
    more: false,
  });

  expect(text).toContain('nobody has it in hand');
  expect(text).not.toContain('0 keys');
});

test('a timeline tells how long after the first sign each thing happened, and who did what', () => {
  const incident = full({ recoveredAt: after(700_000), state: 'closed' });

  const text = showIncident({ incident: shown(incident), timeline: timelineOf(incident) });

  expect(text).toMatch(/12:00:00 UTC {7}\+0 s {2}signalled/);
  expect(text).toMatch(/12:00:04 UTC {7}\+4 s {2}paged/);
  expect(text).toMatch(/acknowledged\n {4}arn:\S+:\s+I am calling/);
  expect(text).toMatch(/\+12 min {2}recovered/);
  expect(text).toContain('by the customer');
});

test.each([
  ['confirmed', 'AWS says so'],
  ['likely', 'it follows from'],
  ['unknown', 'AWS does not tell'],
] as const)('how far the cause is known is shown and explained: %s', async (confidence, words) => {
  const incident = full({ confidence });

  for (const text of [showIncident({ incident: shown(incident), timeline: [] }), await explained(incident)]) {
    expect(text).toContain(`${confidence}: ${words}`);
    fits(text);
  }
});

test('what nobody recorded is not made up', async () => {
  const { party: _none, ...incident } = full();

  expect(showIncident({ incident: shown(incident), timeline: [] })).toContain('by whom is not recorded');
  expect(await explained(incident)).toMatch(/Whose act\n {2}not recorded/);
});

test('what others wrote does not reach the terminal as more than text', async () => {
  const evil = '\u001b[2Jall is well\u202e\nhealthy';
  const impact = {
    customerCount: 1,
    dataStoreCount: 1,
    customers: [{ customerId: 'acme', name: evil }],
    dataStores: [{ customerId: 'acme', dataStoreId: evil, capabilities: [evil] }],
  };
  const incident = full({
    acknowledged: { ...acknowledged, by: evil, note: evil },
    evidence: evil,
    impact,
    customerId: evil,
  });

  const texts = [
    showIncidents({ incidents: [summaryOf(incident)], more: false }),
    showIncident({ incident: shown(incident), timeline: timelineOf(incident) }),
    await explained(incident),
    showAcknowledged(shown(incident), 'another'),
  ];

  for (const text of texts) {
    for (const part of ['\u001b', '\u202e', '\nhealthy']) expect(text).not.toContain(part);
  }
});

test('an impact names whom it stops, what of theirs, and how long cached data keys serve', () => {
  const terms = { targetPercent: 99.95, window: { days: 30 }, exclude: [] };
  const text = showImpact({
    kmsKeyArn: ARN,
    at: NOW,
    availability: 'available',
    availabilitySince: NOW,
    customerCount: 2,
    dataStoreCount: 61,
    stopping: [{ stops: 'known', stopsAt: after(300_000), dataStores: 61, customerFacing: 2 }],
    customers: [
      {
        customerId: 'acme',
        name: 'Acme Ltd',
        terms,
        isDefault: false,
        budgetMs: 1_296_000,
        leftMs: 300_000,
        isNearlyBurnt: true,
      },
    ],
    dataStores: [
      {
        customerId: 'acme',
        dataStoreId: 'db',
        capabilities: ['search'],
        kind: 'rds',
        without: 'It stops.',
        stops: 'known',
        stopsAt: after(7_200_000),
        lostAt: after(86_400_000 * 7),
        recoverableUntil: after(86_400_000 * 7),
        dataKeys: 0,
      },
    ],
    alsoUnder: [{ customerId: 'acme', dataStoreId: 'moved', dataKeys: 7 }],
    dataKeys: { count: 10_000, more: true },
    windowMinutes: { usual: 5, max: 60 },
  });

  expect(text).toMatch(/61 data stores \(2 customer-facing\) fail from 2026-11-24\s+12:05:00 UTC/);
  expect(text).toMatch(/- Acme Ltd: 99\.95 % of 30 days, 5 min left of 21 min 36 s/);
  expect(text).toMatch(/works until 2026-11-24 14:00:00 UTC; lost at 2026-12-01 12:00:00 UTC;\s+comes\s+back/);
  expect(text).toMatch(/acme\/moved names another key, and has 7 data keys/);
  fits(text);
  expect(text).toMatch(/61 data stores of 2 customers/);
  expect(text).toMatch(/10,000 data keys, and more that were not counted, could not be opened/);
  expect(text).toMatch(/5 minutes unless the customer chose otherwise,\s+60 at the most/);
  expect(text).toContain('and 60 data stores more');
});

const DISABLED = { customerId: 'acme', name: 'siem', since: NOW, reason: 'it answered 410' };
const FAILING = {
  owner: 'customer/globex',
  channel: 'primary',
  since: NOW,
  reason: 'The channel did not take a page: it did not answer in time.',
};

const none = { count: 0, more: false, first: [] };
const aStatus = (fields: Partial<ProductStatus> = {}): ProductStatus => ({
  at: NOW,
  healthy: true,
  troubles: [],
  openIncidents: { count: 0, more: false, critical: 0, warning: 0, info: 0 },
  keys: [],
  latePages: none,
  lateProbes: none,
  unseenKeys: none,
  lateWork: none,
  parkedJobs: none,
  failingChannels: none,
  ignoredSenders: none,
  disabledSubscriptions: none,
  drills: [],
  ...fields,
});

test('a status is one screen, however much is wrong', () => {
  const [many, loss] = [Array.from({ length: 20 }), { availability: 'unavailable', availabilitySince: NOW } as const];
  const key = { kmsKeyArn: ARN, severity: 'critical', acknowledgedBy: ADA, incidentId: ID, ...loss } as const;

  const text = showStatus(
    aStatus({
      healthy: false,
      openIncidents: { count: 900, more: false, critical: 900, warning: 0, info: 0 },
      keys: many.map(() => key),
      latePages: { count: 20, more: false, first: many.map(() => ({ incidentId: ID, owedSince: NOW })) },
      lateProbes: { count: 20, more: false, first: many.map(() => ({ kmsKeyArn: ARN, dueAt: NOW })) },
      unseenKeys: {
        count: 20,
        more: false,
        first: many.map(() => ({ kmsKeyArn: ARN, since: NOW, evidence: 'KMS throttles us' })),
      },
      lateWork: { count: 20, more: false, first: many.map(() => ({ what: 'ledger-round', id: ID, dueAt: NOW })) },
      parkedJobs: { count: 20, more: false, first: many.map(() => ({ jobId: ID, kmsKeyArn: ARN })) },
      failingChannels: { count: 20, more: false, first: many.map(() => FAILING) },
      disabledSubscriptions: { count: 20, more: false, first: many.map(() => DISABLED) },
    }),
  );

  fits(text);
  expect(text.split('\n').length).toBeLessThanOrEqual(40);
  expect(text).toMatch(/Keys unseen: {4}20\n {2}arn:.*\n {4}KMS throttles us\nLate work: {6}20\n {2}ledger-round/);
  expect(text).toContain('and 897 incidents more: keywright incidents');
});

test('a status says healthy only when it is', () => {
  expect(showStatus(aStatus())).toMatch(/^healthy at 2026-11-24 12:00:00 UTC\n/);
  const loss = {
    availability: 'unavailable',
    availabilitySince: NOW,
    cause: 'key-disabled',
    party: 'customer',
  } as const;

  const text = showStatus(
    aStatus({
      healthy: false,
      openIncidents: { count: 3, more: false, critical: 2, warning: 1, info: 0 },
      keys: [
        { kmsKeyArn: ARN, severity: 'critical', customerId: 'acme', ...loss, acknowledgedBy: ADA, incidentId: ID },
      ],
      latePages: { count: 1, more: false, first: [{ incidentId: ID, owedSince: NOW }] },
      lateProbes: { count: 1_000, more: true, first: [{ kmsKeyArn: ARN, dueAt: NOW }] },
      parkedJobs: { count: 1, more: false, first: [{ jobId: ID, kmsKeyArn: ARN, parkedBy: 'the key is disabled' }] },
      failingChannels: { count: 1, more: false, first: [FAILING] },
      disabledSubscriptions: { count: 1, more: false, first: [DISABLED] },
    }),
  );

  fits(text);
  expect(text).toContain('Streams down:   1 (keywright subscriptions show acme siem)');
  expect(text).toMatch(
    /Channels down: +1 \(keywright channel list\)\n {2}primary of customer\/globex since 2026-11-24 12:00:00/,
  );
  expect(text).toMatch(/^NOT healthy/);
  expect(text).toMatch(/Open incidents: 3 \(2 critical, 1 warning\)/);
  expect(text).toContain('unavailable since 2026-11-24 12:00:00 UTC: key-disabled (customer)');
  expect(text).toContain('and 2 incidents more');
  expect(text).toMatch(/Late probes: +1000 or more/);
});
