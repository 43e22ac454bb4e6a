import { readBudget } from '../../../../shared/domain/service-levels/read-budget';
import { anArn, after as inMs, NOW } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';

test('a customer’s budget is burnt by their own intervals alone', async () => {
  const control = memoryControlStore();
  const lost = { kmsKeyArn: anArn(), cause: 'key-disabled', lostAt: inMs(-60_000), detectedAt: inMs(-60_000) } as const;
  const stopped = {
    stoppedAt: inMs(-60_000),
    servingAt: NOW,
    dataStoreCount: 1,
    dataStores: [],
    restsOn: [],
    revision: 1,
  };
  for (const customerId of ['acme', 'globex'])
    control.given('sla-interval', { ...lost, ...stopped, incidentId: 'i-1', customerId });
  control.given('sla-interval', {
    ...lost,
    ...stopped,
    incidentId: 'i-2',
    customerId: 'globex',
    servingAt: inMs(-30_000),
  });

  const clock = { now: () => NOW };

  expect(await readBudget('acme', { control, clock })).toMatchObject({
    burntMs: 60_000,
    incidents: [{ incidentId: 'i-1' }],
  });
  expect((await readBudget('globex', { control, clock })).incidents).toHaveLength(2);
});
