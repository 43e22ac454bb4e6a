import type { IncidentShown } from '../../../../shared/domain/api/show-incident';
import { BOB, givenKey, over, run } from '../../../support/incident-world';
import { after as inMs, NOW } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

test('tells what happened in the order of time, and who had it in hand', async () => {
  const world = rotationWorld();
  const acknowledged = { by: BOB, at: inMs(5_000), note: 'calling them' };
  givenKey(world, 'one', { ...over('incident-1'), acknowledged, customerToldAt: inMs(4_500) });

  const { incident, timeline } = await run<IncidentShown>('show-incident', { incidentId: 'incident-1' }, world);

  expect(timeline.map(({ what, at }) => [what, at])).toEqual([
    ['signalled', NOW],
    ['detected', inMs(2_000)],
    ['paged', inMs(4_000)],
    ['customers-told', inMs(4_500)],
    ['acknowledged', inMs(5_000)],
    ['recovered', inMs(9_000)],
    ['recovery-paged', inMs(9_500)],
  ]);
  expect(timeline[4]).toMatchObject({ by: BOB, says: 'calling them' });
  expect(incident).toMatchObject({ cause: 'key-disabled', party: 'customer', severity: 'critical', state: 'closed' });
  for (const field of ['revision', 'dueAt']) expect(incident).not.toHaveProperty(field);
});

test('an id that nothing has says where ids are found', async () => {
  for (const name of ['show-incident', 'explain-incident']) {
    await expect(run(name, { incidentId: 'nope' }, rotationWorld())).rejects.toMatchObject({
      code: 'state.not-found',
      message: expect.stringMatching(/^incidentId: .*keywright incidents/),
    });
  }
});
