/**
 * contain-compromise: takes the containment of a compromised KMS key one step further.
 *
 * A step is bounded, commits what it did with the number of the next one, and asks for it by a fact. So it may run twice,
 * late or die on any line. What has to wait for others is looked at again when they are done, and now and then besides.
 */

import type { ContainmentDue } from '../../../events/containment-due';
import { KeywrightError } from '../errors';
import { later, MINUTE_MS } from '../instants';
import { mustFind } from '../require-row';
import { retryOnConflict } from '../retry-on-conflict';
import { workDue } from '../work-due-rows';
import type { Compromise, Stage } from './compromise';
import { dueFact } from './facts';
import type { CompromisePorts } from './ports';
import { inventoryDataKeys } from './stages/inventory-data-keys';
import { notifyCustomers } from './stages/notify-customers';
import { replaceKey } from './stages/replace-key';
import type { StageOf, Step } from './stages/stage';
import { verifyContained } from './stages/verify-containment';

const STAGES: Readonly<Record<Exclude<Stage, 'over'>, StageOf>> = {
  notify: notifyCustomers,
  replace: replaceKey,
  inventory: inventoryDataKeys,
  verify: verifyContained,
};

/** How long a step is left to its own event before it is asked for again. */
const RECONCILE_MS = 5 * MINUTE_MS;

/** How often what waits is looked at. The verification reads the whole table of data keys, so it is not made for nothing. */
const LOOK_AGAIN_MS: Readonly<Record<Stage, number>> = {
  notify: RECONCILE_MS,
  replace: RECONCILE_MS,
  inventory: RECONCILE_MS,
  verify: 60 * MINUTE_MS,
  over: RECONCILE_MS,
};

/** How many compromises one run looks after; the rest is due still and comes next. */
const RECONCILED_MAX = 20;
const CONCURRENCY = 4;

/** None is begun later: a step reads for minutes, and Lambda gives the function five. */
const RUN_MS = 60_000;

/** `idle`: nothing is left to do by itself. `repeat`: this step was taken before. */
export type ContainOutcome = Step['kind'] | 'idle' | 'repeat';

/**
 * Takes the step that the fact names, if it is the next.
 *
 * Safe to repeat, at any time and at the same time.
 *
 * @throws KeywrightError `state.not-found`; `store.*` that may pass (retry).
 */
export async function containCompromise(
  due: Pick<ContainmentDue, 'compromiseId' | 'step'>,
  ports: CompromisePorts,
): Promise<ContainOutcome> {
  return retryOnConflict(async () => {
    const compromise = await mustFind('compromise', due.compromiseId, ports);
    if (compromise.stage === 'over') return 'idle';
    if (compromise.step !== due.step) return 'repeat';
    const key = await mustFind('kms-key', compromise.kmsKeyArn ?? '', ports);
    const step = await STAGES[compromise.stage](compromise, key, ports);
    await commit(step, ports);
    return step.kind;
  });
}

/**
 * Takes the next step for a key about which there is news; does nothing for any other key. Safe to repeat: what was verified
 * since then is not verified again.
 */
export async function containKey(
  { kmsKeyArn, at }: { readonly kmsKeyArn: string; readonly at: string },
  ports: CompromisePorts,
): Promise<ContainOutcome> {
  const key = await ports.control.find('kms-key', kmsKeyArn);
  if (!key?.compromise) return 'idle';
  const { compromiseId, step, stage, verifiedAt } = await mustFind('compromise', key.compromise.compromiseId, ports);
  if (stage === 'verify' && verifiedAt !== undefined && verifiedAt >= at) return 'idle';
  return containCompromise({ compromiseId, step }, ports);
}

/**
 * Looks after compromises whose time has come: a lost event, or whoever keeps one waiting, leaves none behind. One that
 * fails keeps no other back, and is due still, after all others. Costs what is due.
 *
 * @returns how many were looked after.
 */
export async function reconcileCompromises(ports: CompromisePorts): Promise<number> {
  const reconcile = async ({ compromiseId }: Compromise) => {
    const { step } = await mustFind('compromise', compromiseId, ports);
    return containCompromise({ compromiseId, step }, ports);
  };
  const bounds = { max: RECONCILED_MAX, concurrency: CONCURRENCY, forMs: RUN_MS };
  const { succeeded, failed } = await workDue('compromise', bounds, reconcile, ports);
  for (const error of failed) {
    if (!(error instanceof KeywrightError)) throw error;
    ports.log.error('a compromise could not be taken further', { code: error.code, ...error.details });
  }
  return succeeded.length;
}

async function commit(step: Step, ports: CompromisePorts): Promise<void> {
  if (isNoNews(step, ports)) return;
  const { writes = [], facts = [] } = step;
  const row = rowAfter(step, ports);
  const next = step.kind === 'on' ? [dueFact(row, ports)] : [];
  await ports.control.commit({ writes: [{ entityType: 'compromise', row }, ...writes], facts: [...facts, ...next] });
  const { compromiseId, stage, kmsKeyArn } = row;
  ports.log.info('compromise', { compromiseId, kmsKeyArn, stage, step: row.step, waitingFor: row.waitingFor });
}

/** It waits for what it has waited for, and is looked at again in time: a repeated event changes nothing. */
function isNoNews(step: Step, { clock }: CompromisePorts): boolean {
  const { compromise } = step;
  return (
    step.kind === 'waiting' && step.why === compromise.waitingFor && compromise.dueAt > clock.now() && !step.writes
  );
}

function rowAfter(step: Step, { clock }: CompromisePorts): Compromise {
  const { waitingFor: _before, ...row } = step.compromise;
  if (step.kind === 'over') return row;
  const taken = { ...row, step: row.step + 1 };
  if (step.kind === 'on') return { ...taken, dueAt: later(clock.now(), RECONCILE_MS) };
  return { ...taken, waitingFor: step.why, dueAt: later(clock.now(), LOOK_AGAIN_MS[row.stage]) };
}
