/** A role that lets us in no more while sessions last that began before: told before it bites, and again once it does. */
import { assessKey } from '../../../../shared/domain/availability/assess-key';
import type { KeyIncident } from '../../../../shared/domain/availability/incidents/incident';
import { severityOf } from '../../../../shared/domain/availability/incidents/severity';
import { pageOf } from '../../../../shared/domain/availability/paging/page-text';
import type { KeyAccess } from '../../../../shared/domain/keys/kms-key';
import {
  aDataStore,
  after,
  aKmsKey,
  anArn,
  aWatch,
  countedIds,
  noPause,
  ofKeys,
  READER,
  silentLog,
} from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { testClock } from '../../../support/rotation-world';
import { scriptedKms } from '../../../support/scripted-kms';

const THEIRS = '444455556666';
const kmsKeyArn = anArn('theirs', THEIRS);
const role = { via: 'role', roleArn: `arn:aws:iam::${THEIRS}:role/keywright-use`, externalId: 'e' } as const;
const HOUR_MS = 3_600_000;
const USES = ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];

function world({ access = role }: { readonly access?: KeyAccess } = {}) {
  const control = memoryControlStore();
  control.given('kms-key', aKmsKey({ kmsKeyArn, option: 'customer-managed', access }));
  control.given('key-watch', aWatch({ kmsKeyArn }));
  control.given('data-store', aDataStore({ kmsKeyArn }));
  const kms = scriptedKms();
  const clock = testClock();
  const ports = { control, ...kms, clock, ids: countedIds(), pause: noPause, log: silentLog };
  return {
    kms,
    clock,
    assess: () => assessKey({ kmsKeyArn, signal: 'customer-event', signalledAt: clock.now() }, ports),
    incidents: () => ofKeys(control.all('incident')),
    availability: () => control.all('key-watch')[0]?.availability,
    opened: () => control.outbox.filter(({ detailType }) => detailType === 'incident-opened.v1').length,
  };
}

const page = (incident: KeyIncident) => pageOf(incident, 'opened', READER);

test('while sessions last the key is at risk: what will be lost, since when, and when it bites at the latest', async () => {
  const { kms, assess, incidents, availability } = world();
  kms.roleAnswers('sts.role-refused', { refusedBy: 'resource' });
  await assess();
  await assess();

  expect(availability()).toBe('at-risk');
  const [incident] = incidents();
  expect(incidents()).toHaveLength(1);
  expect(incident).toMatchObject({ cause: 'role-refused', party: 'customer', bitesAt: after(HOUR_MS) });
  expect(incident?.lost?.map(({ action }) => action)).toEqual(USES);
  const { subject, body, details } = page(incident as KeyIncident);
  expect(subject).toMatch(/serves for an hour at most: 1 data store at stake/);
  expect(body).toMatch(/^Bites at: {3}.*at the latest, when the last session ends/m);
  expect(body).toMatch(/kms:GenerateDataKey: .*the role lets us in no more/);
  expect(details).toMatchObject({ bitesAt: after(HOUR_MS), cause: 'role-refused' });
});

test('once the last session is over it is another incident, which follows: whoever was told that it serves is paged', async () => {
  const { kms, clock, assess, incidents, availability, opened } = world();
  kms.roleAnswers('sts.role-refused');
  await assess();
  clock.advance(HOUR_MS);
  kms.unwrapAnswers('sts.role-refused');
  await assess();

  expect(availability()).toBe('unavailable');
  const [first, second] = incidents();
  expect(first).toMatchObject({ state: 'closed', followedBy: second?.incidentId });
  expect(second).toMatchObject({ state: 'open', cause: 'role-refused' });
  expect(second).not.toHaveProperty('bitesAt');
  expect(severityOf(second as KeyIncident)).toBe('critical');
  expect(opened()).toBe(2);
});

test('a role that lets us in again ends it; that STS does not tell neither begins nor ends it', async () => {
  const { kms, assess, incidents, availability } = world();
  for (const untold of ['sts.unreachable', 'sts.role-refused', 'sts.unreachable'] as const) {
    kms.roleAnswers(untold);
    await assess();
  }
  expect(availability()).toBe('at-risk');
  expect(incidents()).toHaveLength(1);

  kms.roleAnswers('ok');
  await assess();
  expect(availability()).toBe('available');

  kms.roleAnswers('sts.unreachable');
  await assess();
  expect(availability()).toBe('available');
});

test('what is refused now is nearer than what will be', async () => {
  const { kms, assess, incidents } = world();
  kms.roleAnswers('sts.role-refused');
  kms.proofAnswers('kms:GenerateDataKey', 'kms.access-denied', { refusedBy: 'identity' });
  await assess();

  expect(incidents()).toMatchObject([{ cause: 'role-permissions', lost: [{ action: 'kms:GenerateDataKey' }] }]);
  expect(incidents()[0]).not.toHaveProperty('bitesAt');
});

test('a policy of our own that keeps us from STS is no act of the customer’s', async () => {
  const { kms, assess, incidents, availability } = world();
  kms.roleAnswers('sts.role-refused', { refusedBy: 'identity' });
  await assess();

  expect(incidents()).toEqual([]);
  expect(availability()).toBe('available');
});

test('a key that is reached by its policy has no role to lose', async () => {
  const { kms, assess, incidents } = world({ access: { via: 'key-policy' } });
  kms.roleAnswers('sts.role-refused');
  await assess();

  expect(incidents()).toEqual([]);
});
