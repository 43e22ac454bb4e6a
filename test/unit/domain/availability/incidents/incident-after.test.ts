/** What a verdict makes of an incident: opened, told of another cause, taken the place of, or recovering. */
import { incidentAfter } from '../../../../../shared/domain/availability/incidents/incident-after';
import type { KeyAct } from '../../../../../shared/domain/availability/key-acts';
import type { Verdict } from '../../../../../shared/domain/availability/verdict';
import { aDataStore, after, aKmsKey, anIncident, aWatch, countedIds, NOW, silentLog } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';

const SIGNAL = { signal: 'customer-event', signalledAt: after(-2_000) } as const;
const ACT: KeyAct = { operation: 'DisableKey', at: after(-3_000), by: 'role SecOps', accountId: '111122223333' };

function world() {
  const control = memoryControlStore();
  control.given('data-store', aDataStore());
  const ports = { control, clock: { now: () => NOW }, ids: countedIds(), log: silentLog };
  return { key: aKmsKey(), watch: aWatch({ acts: [ACT] }), ports };
}

const verdict = (fields: Partial<Verdict>): Verdict => ({
  availability: 'unavailable',
  cause: 'key-disabled',
  evidence: 'the key is disabled',
  at: NOW,
  ...fields,
});

test('a loss opens one, with who acted', async () => {
  const { ports, ...before } = world();
  const incident = await incidentAfter(verdict({}), SIGNAL, { ...before, open: undefined }, ports);

  expect(incident).toMatchObject({ state: 'open', cause: 'key-disabled', actedBy: ACT, detectedAt: NOW });
  expect(incident).toMatchObject({ signalledAt: SIGNAL.signalledAt, impact: { dataStoreCount: 1 } });
});

test('another cause takes nothing over that was known of the one before', async () => {
  const { ports, ...before } = world();
  const known = { party: 'customer', confidence: 'likely', actedBy: ACT, recoverableUntil: NOW, bitesAt: NOW } as const;
  const open = anIncident({ ...known, cause: 'key-pending-deletion', lost: [] });
  const incident = await incidentAfter(verdict({ cause: 'key-policy' }), SIGNAL, { ...before, open }, ports);

  expect(incident).toMatchObject({ incidentId: open.incidentId, cause: 'key-policy' });
  for (const field of [...Object.keys(known), 'lost']) expect(incident).not.toHaveProperty(field);
});

test('the loss of a key that was at risk is another, which follows; a return is no other', async () => {
  const { ports, ...before } = world();
  const open = anIncident({ beganAtRisk: true, cause: 'role-refused', bitesAt: after(1_000) });
  const next = await incidentAfter(verdict({}), SIGNAL, { ...before, open }, ports);
  const back = await incidentAfter(verdict({ availability: 'available' }), SIGNAL, { ...before, open }, ports);

  expect(next).toMatchObject({ follows: open.incidentId, state: 'open' });
  expect(next?.incidentId).not.toBe(open.incidentId);
  expect(back).toMatchObject({ incidentId: open.incidentId, recoveredAt: NOW });
});
