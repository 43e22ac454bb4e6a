import { DRILL_CAUSES, SCHEDULE } from '../../../../shared/domain/drills/drill';
import { planDrills } from '../../../../shared/domain/drills/plan-drills';
import { DRILL_KEY, drillWorld } from '../../../support/drill-world';

const WEEK_MS = 7 * 86_400_000;

test('a week after the first run there is a drill of each cause, and again every week', async () => {
  const world = drillWorld();
  await planDrills(world.ports);
  world.clock.advance(WEEK_MS - 1);
  await planDrills(world.ports);
  expect(world.control.all('drill')).toEqual([]);

  world.clock.advance(1);
  await planDrills(world.ports);
  await planDrills(world.ports);
  const drills = world.control.all('drill');
  expect(drills.map(({ cause }) => cause)).toEqual(DRILL_CAUSES);
  expect(drills).toEqual(drills.map((drill) => ({ ...drill, requestedBy: SCHEDULE, kmsKeyArn: DRILL_KEY })));

  world.clock.advance(WEEK_MS);
  await planDrills(world.ports);
  expect(world.control.all('drill')).toHaveLength(8);
});

test('two runs at once plan a week once', async () => {
  const world = drillWorld();
  await Promise.all([planDrills(world.ports), planDrills(world.ports)]);
  world.clock.advance(WEEK_MS);
  await Promise.all([planDrills(world.ports), planDrills(world.ports), planDrills(world.ports)]);

  expect(world.control.all('drill')).toHaveLength(DRILL_CAUSES.length);
});
