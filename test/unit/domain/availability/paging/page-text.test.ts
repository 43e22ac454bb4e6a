import type { KeyIncident } from '../../../../../shared/domain/availability/incidents/incident';
import { dueWhileOwed } from '../../../../../shared/domain/availability/paging/owed-page';
import { pageOf } from '../../../../../shared/domain/availability/paging/page-text';
import { CAUSES } from '../../../../../shared/domain/availability/verdict';
import { anArn, anIncident, anOperatorIncident, NOW, READER } from '../../../../support/make';

const bodyOf = (fields: Partial<KeyIncident>) => {
  const impact = { customerCount: 1, dataStoreCount: 1, customers: [{ customerId: 'acme', name: 'Acme Ltd' }] };
  const incident: KeyIncident = {
    incidentId: 'incident-1',
    kmsKeyArn: anArn(),
    state: 'open',
    cause: 'key-policy',
    evidence: 'KMS refused the call: no resource-based policy allows it',
    impact: { ...impact, dataStores: [] },
    signalledAt: NOW,
    detectedAt: NOW,
    revision: 0,
    ...fields,
  };
  return pageOf(incident, 'opened', READER).body;
};

test('a refusal of our own sends nobody to the customer', () => {
  const body = bodyOf({ cause: 'own-permissions', party: 'provider' });

  expect(body).toMatch(/Whose act: +ours/);
  expect(body).toMatch(/At stake: +1 data store of Acme Ltd/);
  expect(body).not.toMatch(/Stopped:|[Aa]sk the (customer|key’s owner)/);
});

test('a role that lost a permission is asked of the customer who opened it', () => {
  const body = bodyOf({ cause: 'role-permissions', party: 'customer' });

  expect(body).toMatch(/Whose act: +the customer’s/);
  expect(body).toMatch(/Ask the customer to restore the permissions of the role/);
});

test('where AWS does not say who refused, the page does not either', () => {
  const body = bodyOf({ cause: 'access-denied', party: 'unknown' });

  expect(body).toMatch(/Whose act: +not known/);
  expect(body).toMatch(/Look at our last deployment.*If nobody changed them: ask the key’s owner/);
});

test.each(CAUSES)('a page about %s keeps to its form, also of incidents that name no party', (cause) => {
  const lines = bodyOf({ cause, follows: 'incident-0' }).split('\n').slice(2);

  for (const line of lines) expect(line).toMatch(/^([A-Z][a-z ]+: +| {12})\S/);
  expect(lines.at(-1)).toContain('incident-0');
  expect(lines.join('\n')).not.toContain('Whose act');
});

test('a key that still serves, or never comes back, is not said to come back', () => {
  const body = (fields: Partial<KeyIncident>) => pageOf(anIncident(fields), 'opened', READER).body;

  expect(body({ cause: 'key-disabled' })).toContain('comes back with the key');
  expect(body({ cause: 'key-deleted' })).toMatch(/that brings nothing back/);
  expect(body({ cause: 'alias-moved' })).toMatch(/the key still serves/);
  for (const cause of ['key-deleted', 'alias-moved'] as const) {
    expect(body({ cause })).not.toMatch(/comes back|re-encrypt/);
  }
});

test('of a key that is back, and may go again, nobody is asked to give it back', () => {
  const { body } = pageOf(anIncident({ state: 'recovering', recoveredAt: NOW }), 'updated', READER);

  expect(body).toMatch(
    /^[^\n]* is available again since [^\n]+ It is over once it has stayed so\.\n\nNext step: {2}none/,
  );
  expect(body).not.toContain('aws kms');
});

test('of a key that we hold ourselves nobody else is asked', () => {
  const next = (party: 'customer' | 'provider') =>
    pageOf(anIncident({ cause: 'key-disabled', party }), 'opened', READER).body;

  expect(next('customer')).toMatch(/Next step: {2}Ask the key’s owner to enable it/);
  expect(next('provider')).toMatch(/Next step: {2}Find out who disabled it [^\n]+\n +aws kms enable-key/);
});

test.each<[string, object]>([
  ['a cause that only a newer version knows', { cause: 'of-tomorrow' }],
  ['a deadline that is no date', { cause: 'key-pending-deletion', recoverableUntil: 'soon' }],
  ['a sign that has no date', { signalledAt: 'lately' }],
])('%s keeps no page', (_, fields) => {
  const incident = anIncident(fields);
  for (const about of ['opened', 'grown', 'closed'] as const)
    expect(pageOf(incident, about, { ...READER, timeZone: 'Europe/Berlin' }).body).toContain('incident-1');
  expect(dueWhileOwed(incident, NOW)).toMatchObject({ incidentId: 'incident-1' });
});

test('a time zone that nobody knows any more keeps no page', () => {
  expect(pageOf(anIncident(), 'opened', { ...READER, timeZone: 'Europe/Atlantis' }).body).toContain(
    '2026-11-24 12:00:00 UTC (not known in Europe/Atlantis)',
  );
});

test('trouble that only a newer version knows is paged, as what is grave', () => {
  const page = pageOf(anOperatorIncident({ trouble: 'of-tomorrow' as never }), 'opened', READER);
  expect(page).toMatchObject({
    severity: 'critical',
    subject: expect.stringMatching(/^Trouble of our own in eu-central-1/),
  });
});

test('what separates lines in a name or a note begins none', () => {
  const impact = {
    ...anIncident().impact,
    customers: [{ customerId: 'acme', name: 'Acme\u2028Next step:  nothing\u2029' }],
  };
  const { body } = pageOf(anIncident({ impact }), 'opened', READER);
  expect(body).not.toMatch(/[\u2028\u2029]/);
});
