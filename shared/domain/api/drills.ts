/** Drills: people ask for one, follow it, and read the history. */
import * as z from 'zod/mini';
import { DRILL_CAUSES, type Drill, type DrillFigures, figuresOf } from '../drills/drill';
import { type StartDrillPorts, startDrill } from '../drills/start-drill';
import { invalid } from '../errors';
import { defined } from '../optional-fields';
import { mustFind } from '../require-row';
import { count, id } from './fields';
import { defineOperation } from './operation';

export type ShownDrill = Omit<Drill, 'revision' | 'dueAt'> & DrillFigures;

export interface DrillList {
  /** The newest first. */
  readonly drills: readonly ShownDrill[];
}

const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 200;

export const startDrillOperation = defineOperation(
  'start-drill',
  {
    cause: z.optional(z.enum(DRILL_CAUSES, { error: `must be one of ${DRILL_CAUSES.join(', ')}` })),
    customerId: z.optional(id),
  },
  async ({ cause = 'key-disabled', customerId }, { principal }, ports: StartDrillPorts) => ({
    drill: shown(await startDrill({ cause, requestedBy: principal, ...defined({ customerId }) }, ports)),
  }),
);

export const showDrill = defineOperation(
  'show-drill',
  { drillId: id },
  async ({ drillId }, _caller, ports: StartDrillPorts) => ({
    drill: shown(await mustFind('drill', drillId, ports)),
  }),
);

/** Costs what drills there have been: some two hundred a year. */
export const listDrills = defineOperation(
  'list-drills',
  { limit: z.optional(count) },
  async ({ limit = LIMIT_DEFAULT }, _caller, { control, drillKeyArn }: StartDrillPorts): Promise<DrillList> => {
    if (limit < 1 || limit > LIMIT_MAX) throw invalid('limit', `must be from 1 to ${LIMIT_MAX}.`);
    const last: Drill[] = [];
    // Ids are ordered by time, and so is the index.
    for await (const drill of control.ofKmsKey('drill', drillKeyArn)) {
      last.push(drill);
      if (last.length > limit) last.shift();
    }
    return { drills: last.reverse().map(shown) };
  },
);

function shown({ revision: _store, dueAt: _due, ...drill }: Drill): ShownDrill {
  return { ...drill, ...figuresOf(drill) };
}
