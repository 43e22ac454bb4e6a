/** start-drill: asks for a drill, of a person or of a customer. It begins once no other is under way. */
import { drillDue } from '../../../events/drill-due';
import { refusal } from '../errors';
import { later, NEVER } from '../instants';
import { transition } from '../legal-moves';
import { defined } from '../optional-fields';
import { newFact } from '../outbox/new-fact';
import type { Clock, ControlStore, Ids } from '../ports';
import { mustFind } from '../require-row';
import { DRILL_MOVES, type Drill, type DrillCause } from './drill';

export interface StartDrillPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The KMS key that drills are made with. */
  readonly drillKeyArn: string;
}

export interface DrillRequest {
  readonly cause: DrillCause;
  readonly requestedBy: string;
  /** The customer who asked for it. */
  readonly customerId?: string;
}

/** So many wait, one after the other, each for some two minutes. */
const WAITING_MAX = 20;

/** Later than the date of all that is ever due. */
const BEFORE_NEVER = later(NEVER, -1);

/** The row that a drill begins with. */
export const newDrill = (
  { cause, requestedBy, customerId }: DrillRequest,
  { clock, ids, drillKeyArn }: Pick<StartDrillPorts, 'clock' | 'ids' | 'drillKeyArn'>,
): Drill =>
  transition(DRILL_MOVES, undefined, {
    drillId: ids.next(),
    cause,
    kmsKeyArn: drillKeyArn,
    state: 'due',
    requestedBy,
    requestedAt: clock.now(),
    ...defined({ customerId }),
    dueAt: clock.now(),
    revision: 0,
  });

/** Drills that are not over, the longest due first. */
export const openDrills = ({ control }: Pick<StartDrillPorts, 'control'>): Promise<readonly Drill[]> =>
  control.due('drill', BEFORE_NEVER, WAITING_MAX);

/**
 * Asks for a drill. Safe to repeat: while one of that cause, for the same customer, waits or is under way, it is that one.
 *
 * @throws KeywrightError `state.not-found` of a customer; `state.forbids` where too many wait already; `store.unreachable` (retry).
 */
export async function startDrill(request: DrillRequest, ports: StartDrillPorts): Promise<Drill> {
  const { control, clock } = ports;
  const { cause, customerId } = request;
  if (customerId !== undefined) await mustFind('customer', customerId, ports);
  const open = await openDrills(ports);
  const same = open.find((drill) => drill.cause === cause && drill.customerId === customerId);
  if (same) return same;
  if (open.length === WAITING_MAX)
    throw refusal('state.forbids', 'cause', `${WAITING_MAX} drills wait already. Ask again once some are over.`);
  const drill = newDrill(request, ports);
  const fact = newFact(drillDue, ports, { drillId: drill.drillId, at: clock.now() });
  await control.commit({ writes: [{ entityType: 'drill', row: drill }], facts: [fact] });
  return drill;
}
