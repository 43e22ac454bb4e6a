/** The product as far as a drill goes through it, in memory: a key that is really disabled, looks at it, pages, and what settles. */
import { assessKey } from '../../shared/domain/availability/assess-key';
import { pageOwed } from '../../shared/domain/availability/paging/page-oncall';
import { settleIncidents } from '../../shared/domain/availability/settle-incidents';
import type { Drill, DrillCause } from '../../shared/domain/drills/drill';
import { type DrillPorts, runDueDrills } from '../../shared/domain/drills/run-drill';
import { startDrill } from '../../shared/domain/drills/start-drill';
import { anArn, aSignal, ofKeys } from './make';
import { memoryPager, memoryPaging } from './memory-pager';
import { rotationWorld } from './rotation-world';

export const DRILL_KEY = anArn('drill');
export const LOOKING = ['arn:aws:iam::111122223333:role/assess', 'arn:aws:iam::111122223333:role/probe'];

export type DrillWorld = ReturnType<typeof drillWorld>;

export function drillWorld() {
  const world = rotationWorld();
  const { control, clock, kms } = world;
  kms.given(DRILL_KEY);
  const pager = memoryPager();
  const ports = { ...world.ports, ...memoryPaging(pager), drillKeyArn: DRILL_KEY, lookingRoleArns: LOOKING };
  const look = () => assessKey(aSignal({ kmsKeyArn: DRILL_KEY, at: clock.now(), signalledAt: clock.now() }), ports);
  return {
    ...world,
    ports,
    pager,
    look,
    page: () => pageOwed(ports),
    settle: () => settleIncidents(ports),
    start: (cause: DrillCause = 'key-disabled') => startDrill({ cause, requestedBy: 'ada' }, ports),
    run: (by: DrillPorts = ports) => runDueDrills(by),
    drill: (): Drill => control.all('drill').at(-1) as Drill,
    key: () => control.all('kms-key').find(({ kmsKeyArn }) => kmsKeyArn === DRILL_KEY),
    incidents: () => ofKeys(control.all('incident')),
    /** Seconds pass, and whoever is woken does what there is to do: looks, pages, closes. */
    async pass(seconds: number) {
      clock.advance(seconds * 1_000);
      await look();
      await settleIncidents(ports);
      await pageOwed(ports);
    },
    /** From the request until it is over, as when everything works. */
    async through(cause: DrillCause) {
      await this.start(cause);
      for (let turn = 0; turn < 20 && this.drill().endedAt === undefined; turn += 1) {
        await this.run();
        await this.pass(10);
      }
      return this.drill();
    },
  };
}
