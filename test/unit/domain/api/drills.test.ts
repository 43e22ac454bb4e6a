import type { DrillList, ShownDrill } from '../../../../shared/domain/api/drills';
import { DRILL_KEY, drillWorld } from '../../../support/drill-world';
import { ADA, run } from '../../../support/incident-world';

test('whoever asks for a drill hears its id, and follows it by that with what was measured', async () => {
  const world = drillWorld();
  const { drill } = await run<{ drill: ShownDrill }>('start-drill', {}, world);
  expect(drill).toMatchObject({ state: 'due', cause: 'key-disabled', requestedBy: ADA, kmsKeyArn: DRILL_KEY });
  await world.through('key-disabled');

  const shown = await run<{ drill: ShownDrill }>('show-drill', { drillId: drill.drillId }, world);
  expect(shown.drill).toMatchObject({ state: 'passed', detectMs: 10_000, pageMs: 10_000, missed: [] });
  expect(shown.drill).not.toHaveProperty('revision');
});

test('the history names the last ones, the newest first', async () => {
  const world = drillWorld();
  for (const cause of ['key-disabled', 'key-policy', 'partial-loss']) await run('start-drill', { cause }, world);

  const { drills } = await run<DrillList>('list-drills', { limit: 2 }, world);
  expect(drills.map(({ cause }) => cause)).toEqual(['partial-loss', 'key-policy']);
});

test.each<[string, object, string]>([
  ['start-drill', { cause: 'key-deleted' }, 'cause'],
  ['list-drills', { limit: 0 }, 'limit'],
])('%s refuses %j, naming %s', async (name, input, field) => {
  await expect(run(name, input, drillWorld())).rejects.toMatchObject({ code: 'input.invalid', details: { field } });
});

test('a drill that is none is not found, with the way to find it', async () => {
  await expect(run('show-drill', { drillId: 'none' }, drillWorld())).rejects.toMatchObject({
    code: 'state.not-found',
    message: expect.stringContaining('keywright drill list'),
  });
});
