/** Who disabled a key, from the record of their own account to the page, the timeline, the ledger and the customer's notice. */
import type { KeySignalReceived } from '../../../../events/key-signal-received';
import { readKeyEvent } from '../../../../shared/domain/audit/read-key-event';
import { assessKey } from '../../../../shared/domain/availability/assess-key';
import { explainIncident } from '../../../../shared/domain/availability/incidents/explain-incident';
import type { KeyIncident } from '../../../../shared/domain/availability/incidents/incident';
import { timelineOf } from '../../../../shared/domain/availability/incidents/incident-timeline';
import { ACTS_MAX, type KeyAct, withAct } from '../../../../shared/domain/availability/key-acts';
import { noticePage } from '../../../../shared/domain/availability/notices/notice-text';
import { newDelivery } from '../../../../shared/domain/availability/paging/page-delivery';
import { pageOf } from '../../../../shared/domain/availability/paging/page-text';
import { stateHash } from '../../../../shared/domain/availability/paging/plan-pages';
import { raiseSignal } from '../../../../shared/domain/availability/raise-signal';
import { settleIncidents } from '../../../../shared/domain/availability/settle-incidents';
import { keepLedger } from '../../../../shared/domain/sla-ledger/keep-ledger';
import { keyEventWorld, SHARED_KEY, THEIR_KEY } from '../../../support/key-event-world';
import { aChange, CUSTOMER_ACCOUNT, received, viaCloudTrail } from '../../../support/key-events';
import {
  aDataStore,
  after,
  aKmsKey,
  anArn,
  anIncident,
  aWatch,
  countedIds,
  NOW,
  noPause,
  OUR_ACCOUNT,
  ofKeys,
  READER,
  silentLog,
} from '../../../support/make';
import { testClock } from '../../../support/rotation-world';
import { scriptedKms } from '../../../support/scripted-kms';

const identity = (accountId: string, role: string) => ({
  type: 'AssumedRole',
  accountId,
  arn: `arn:aws:sts::${accountId}:assumed-role/${role}/ada@example.com`,
});
const SEC_OPS = identity(CUSTOMER_ACCOUNT, 'SecOps');

/** Globex holds the key that is watched, and one data store depends on it. */
function world({ wellAt = after(-60_000), kmsKeyArn = THEIR_KEY } = {}) {
  const { control, ports: reading } = keyEventWorld();
  const isTheirs = kmsKeyArn === THEIR_KEY;
  const customerId = isTheirs ? 'globex' : 'acme';
  control.given('kms-key', aKmsKey({ kmsKeyArn, customerId, ...(isTheirs && { option: 'customer-managed' }) }));
  control.given('key-watch', aWatch({ kmsKeyArn, customerId, wellAt }));
  control.given('data-store', aDataStore({ kmsKeyArn, customerId }));
  const kms = scriptedKms();
  const clock = testClock();
  const ports = { ...reading, control, ...kms, clock, ids: countedIds(), pause: noPause, log: silentLog };
  const assess = (signal: KeySignalReceived['signal'] = 'customer-event') =>
    assessKey({ kmsKeyArn, signal, signalledAt: clock.now() }, ports);
  return {
    control,
    kms,
    clock,
    ports,
    assess,
    /** An event of CloudTrail comes, and whoever it concerns is assessed. */
    async event(eventName: string, fields: object = {}, account?: string) {
      const record = aChange(eventName, { userIdentity: SEC_OPS, eventTime: clock.now(), ...fields });
      const effects = await readKeyEvent(received(viaCloudTrail(record, account)), ports);
      const signals = 'ignored' in effects ? [] : effects.signals;
      for (const signal of signals) await raiseSignal(signal, ports);
      if (signals.length > 0) await assess();
    },
    lose: () => {
      kms.unwrapAnswers('kms.key-disabled');
      kms.keyStateIs('Disabled');
    },
    giveBack: () => {
      kms.unwrapAnswers('ok');
      kms.keyStateIs('Enabled');
    },
    incident: (): KeyIncident => ofKeys(control.all('incident')).at(-1) as KeyIncident,
    watch: () => control.find('key-watch', kmsKeyArn),
    opened: () => control.outbox.filter(({ detailType }) => detailType === 'incident-opened.v1').length,
  };
}

interface Forged {
  readonly eventName?: string;
  readonly sentBy?: string;
}

const bodyOf = (incident: KeyIncident) => pageOf(incident, 'opened', READER).body;

test('who disabled a key is in the incident, on the page, in its details, the timeline and the explanation', async () => {
  const { event, lose, incident, control } = world();
  lose();
  await event('DisableKey');

  expect(incident().actedBy).toEqual({
    operation: 'DisableKey',
    at: NOW,
    by: 'role SecOps',
    accountId: CUSTOMER_ACCOUNT,
  });
  expect(bodyOf(incident())).toMatch(
    /^Who acted: {2}role SecOps in their account 444455556666: DisableKey at .*CloudTrail$/m,
  );
  expect(pageOf(incident(), 'opened', READER).details).toMatchObject({
    actor: 'role SecOps',
    actorAccountId: CUSTOMER_ACCOUNT,
    act: 'DisableKey',
    actedAt: NOW,
  });
  expect(timelineOf(incident())[0]).toMatchObject({
    what: 'acted',
    by: 'role SecOps in their account 444455556666',
    says: expect.stringContaining('DisableKey'),
  });
  expect((await explainIncident(incident().incidentId, { control })).whoActed).toMatch(/role SecOps/);
  expect(JSON.stringify([incident(), bodyOf(incident())])).not.toMatch(/ada@example|192\.0\.2/);
});

test('the ledger and the notice tell the customer of their own; a shared key, and our own act, of nobody', async () => {
  const { event, lose, incident, control, ports } = world();
  lose();
  await event('DisableKey');
  await keepLedger({ incidentId: incident().incidentId, fact: 'incident-opened.v1', factId: 'one' }, ports);
  const notice = {
    ...{ incidentId: incident().incidentId, customerId: 'globex', kmsKeyArn: THEIR_KEY, about: 'opened' as const },
    ...{ state: 'owed' as const, dataStores: ['one'], dataStoreCount: 1, createdAt: NOW, attempts: 0, revision: 1 },
  };
  const told = (fields: Partial<KeyIncident>, isTheirs = true) => {
    const page = noticePage(notice, { ...incident(), ...fields }, { isTheirs, timeZone: 'UTC' });
    return `${page.body}${JSON.stringify(page.details)}`;
  };

  expect(control.all('sla-interval')).toMatchObject([{ customerId: 'globex', actedBy: { by: 'role SecOps' } }]);
  const fact = control.outbox.find(({ detailType }) => detailType === 'sla-interval-recorded.v1');
  expect(fact?.detail['actedBy']).toMatchObject({ by: 'role SecOps', operation: 'DisableKey' });
  expect(told({})).toMatch(/role SecOps in your account 444455556666/);
  expect(told({}, false)).not.toMatch(/SecOps/);
  const ours: KeyAct = { operation: 'RetireGrant', at: NOW, by: 'role deploy', accountId: OUR_ACCOUNT };
  expect(told({ actedBy: ours })).not.toMatch(/deploy/);
  expect(told({ party: 'provider' })).not.toMatch(/SecOps/);
});

test('a key of ours that we disabled: our own account is named to on-call, and in no ledger of a customer', async () => {
  const { event, lose, incident, control, ports } = world({ kmsKeyArn: anArn() });
  lose();
  await event('DisableKey', {
    userIdentity: identity(OUR_ACCOUNT, 'Admin'),
    resources: [{ accountId: OUR_ACCOUNT, ARN: anArn() }],
    recipientAccountId: OUR_ACCOUNT,
  });
  await keepLedger({ incidentId: incident().incidentId, fact: 'incident-opened.v1', factId: 'one' }, ports);

  expect(bodyOf(incident())).toMatch(/^Who acted: {2}role Admin in our account 111122223333/m);
  expect(control.all('sla-interval')[0]).not.toHaveProperty('actedBy');
});

test('a loss that a probe found names nobody; the event that comes later fills it in, and pages nobody', async () => {
  const { event, lose, assess, incident, control, clock, opened } = world();
  lose();
  await assess('probe');
  const before = incident();
  expect(bodyOf(before)).toMatch(/^Who acted: {2}not known: no event came that tells$/m);
  control.given('page-delivery', { ...newDelivery(before.incidentId), revision: 1 });
  clock.advance(60_000);
  const delivery = () => control.all('page-delivery')[0];

  await event('DisableKey', { eventTime: NOW });

  expect(incident()).toMatchObject({ incidentId: before.incidentId, actedBy: { by: 'role SecOps', at: NOW } });
  expect(opened()).toBe(1);
  expect(delivery()?.dueAt).toBe(clock.now());
  expect(stateHash(incident())).not.toBe(stateHash(before));
  const { revision } = incident();
  await event('DisableKey', { eventTime: NOW });
  expect(incident().revision).toBe(revision);
});

test.each([
  { who: 'an account that speaks of a key that is not its own', recipientAccountId: '999999999999' },
  { who: 'a record of another account than sent it', sentBy: '999999999999' },
  { who: 'a caller of ours, by the word of the customer’s account', userIdentity: identity(OUR_ACCOUNT, 'deploy') },
  { who: 'a caller of a third account', userIdentity: identity('999999999999', 'Mallory') },
  { who: 'a role that calls itself one of another account', userIdentity: { ...SEC_OPS, accountId: OUR_ACCOUNT } },
  { who: 'a call that failed', errorCode: 'AccessDenied' },
  { who: 'a call that explains another cause', eventName: 'PutKeyPolicy' },
  { who: 'a call from after the loss was confirmed', eventTime: after(5_000) },
  { who: 'a call from long before the key was last well', eventTime: after(-3_600_000) },
  { who: 'a key that customers share, which is ours', resources: [{ ARN: SHARED_KEY }] },
  { who: 'nobody', userIdentity: { type: 'AWSAccount', accountId: CUSTOMER_ACCOUNT } },
])('$who puts no name to a loss', async ({ who: _who, ...fields }) => {
  const { eventName = 'DisableKey', sentBy, ...record }: Forged = fields;
  const { event, lose, assess, clock, incident } = world();
  lose();
  await assess('probe');
  clock.advance(60_000);

  await event(eventName, { eventTime: NOW, ...record }, sentBy);

  expect(incident()).toMatchObject({ cause: 'key-disabled' });
  expect(incident()).not.toHaveProperty('actedBy');
});

test('of two who acted the last before the loss was confirmed is named, in whatever order their events come', async () => {
  const { event, lose, assess, clock, incident } = world();
  lose();
  clock.advance(30_000);
  await assess('probe');
  await event('DisableKey', { eventTime: after(20_000), userIdentity: identity(CUSTOMER_ACCOUNT, 'Second') });
  await event('DisableKey', { eventTime: after(10_000), userIdentity: identity(CUSTOMER_ACCOUNT, 'First') });

  expect(incident().actedBy).toMatchObject({ by: 'role Second' });
});

test('a key that is lost again is not laid at the door of whoever took it the first time', async () => {
  const { event, lose, giveBack, assess, clock, incident, ports } = world();
  lose();
  await event('DisableKey');
  giveBack();
  clock.advance(10_000);
  await event('EnableKey');
  clock.advance(10_000);
  lose();
  await assess('probe');
  expect(incident()).toMatchObject({ state: 'open', returns: 1 });
  expect(incident()).not.toHaveProperty('actedBy');

  await event('DisableKey', { userIdentity: identity(CUSTOMER_ACCOUNT, 'Other') });
  expect(incident().actedBy).toMatchObject({ by: 'role Other' });
  await settleIncidents(ports);
});

test('the cause that replaces another has its own author', async () => {
  const { event, lose, kms, clock, incident } = world();
  lose();
  await event('DisableKey');
  clock.advance(10_000);
  kms.unwrapAnswers('kms.key-pending-deletion');
  kms.keyStateIs('PendingDeletion', { deletionDate: after(7 * 86_400_000) });
  await event('ScheduleKeyDeletion', { userIdentity: identity(CUSTOMER_ACCOUNT, 'Cleaner') });

  expect(incident()).toMatchObject({ cause: 'key-pending-deletion', actedBy: { by: 'role Cleaner' } });
});

test('a watch remembers a bounded number of acts, the newest, each once', () => {
  const act = (number: number): KeyAct => ({
    operation: 'DisableKey',
    at: after(number),
    by: 'role r',
    accountId: '1',
  });
  let acts: readonly KeyAct[] = [];
  for (let number = 100; number > 0; number -= 1) acts = withAct(acts, act(number));
  expect(acts).toHaveLength(ACTS_MAX);
  expect(acts.at(-1)).toEqual(act(100));
  expect(withAct(acts, act(100))).toBe(acts);
  expect(withAct(acts, act(1))).toBe(acts);
});

test('what is nobody’s act says nothing of who acted; an incident of an older build is read', () => {
  expect(bodyOf(anIncident({ cause: 'key-material-expired' }))).not.toContain('Who acted');
  expect(bodyOf(anIncident({ cause: 'key-disabled' }))).toContain('Who acted:  not known');
});
