/**
 * plan-rotations: finds the policies whose time has come and begins their rotations.
 *
 * A policy stays in sight until its rotation is over: while one is open it comes due again and again, at the pace of its
 * strategy, and the rotation is asked for anew. So no lost event, no crash and no patient customer leaves one behind.
 */
import { decideAnew } from './decide-anew';
import { KeywrightError } from './errors';
import { inParallel } from './in-parallel';
import { DAY_MS, later } from './instants';
import { type KmsKey, NEVER, type Rotation, type RotationPolicy } from './kms-key';
import type { Change, ControlStore, Log } from './ports';
import { dueFact, type OpenPorts, openRotation, RECHECK_MS } from './rotate-key/open-rotation';

export interface PlanPorts extends OpenPorts {
  readonly control: ControlStore;
  readonly log: Log;
}

/**
 * How many policies one run takes up. With a run a minute that stays below the 5 requests a second of the KMS calls
 * that rotate keys; the rest is due still and comes next.
 */
const POLICIES_MAX = 100;

const CONCURRENCY = 8;

/** What became of a due policy. */
export type Planned = 'started' | 'asked-again' | 'waiting' | 'ended' | 'not-due';

export interface Plan {
  readonly planned: Readonly<Record<Planned, number>>;
  readonly failed: number;
}

/**
 * Takes up what is due. Costs what is due, not how many keys there are.
 *
 * Safe to repeat, also at the same time: each policy is taken up by one run. A policy that fails is counted and logged,
 * keeps no other back, and is due still.
 */
export async function planRotations(ports: PlanPorts): Promise<Plan> {
  const { control, clock, log } = ports;
  const policies = await control.due('rotation-policy', clock.now(), POLICIES_MAX);
  const { succeeded, failed } = await inParallel(policies, CONCURRENCY, ({ kmsKeyArn }) =>
    decideAnew(() => planOne(kmsKeyArn, ports)),
  );
  for (const error of failed) {
    log.error('a policy could not be taken up', error instanceof KeywrightError ? { code: error.code } : {});
    if (!(error instanceof KeywrightError)) throw error;
  }
  const planned: Record<Planned, number> = { started: 0, 'asked-again': 0, waiting: 0, ended: 0, 'not-due': 0 };
  for (const outcome of succeeded) planned[outcome] += 1;
  log.info('rotations planned', { ...planned, failed: failed.length });
  return { planned, failed: failed.length };
}

async function planOne(kmsKeyArn: string, ports: PlanPorts): Promise<Planned> {
  const { control, clock } = ports;
  const policy = await control.find('rotation-policy', kmsKeyArn);
  if (!policy || policy.dueAt > clock.now()) return 'not-due';

  const key = await control.find('kms-key', kmsKeyArn);
  const open = key?.openRotationId ? await control.find('rotation', key.openRotationId) : undefined;
  const { planned, change } = decide(policy, key, open, ports);
  await control.commit(change);
  return planned;
}

interface Decision {
  readonly planned: Planned;
  readonly change: Change;
}

function decide(
  policy: RotationPolicy,
  key: KmsKey | undefined,
  open: Rotation | undefined,
  ports: OpenPorts,
): Decision {
  const lookAgainAt = (dueAt: string) => ({ noun: 'rotation-policy', row: { ...policy, dueAt } }) as const;
  const next = lookAgainAt(later(ports.clock.now(), open?.state === 'blocked' ? DAY_MS : RECHECK_MS[policy.strategy]));
  if (open) return { planned: 'asked-again', change: { writes: [next], facts: [dueFact(open, ports)] } };
  if (key?.state !== 'active') return { planned: 'ended', change: { writes: [lookAgainAt(NEVER)], facts: [] } };
  // Data keys that are still on their way to this key have to arrive before it changes under them.
  if (key.jobIds?.length) return { planned: 'waiting', change: { writes: [next], facts: [] } };

  const opened = openRotation(key, { strategy: policy.strategy, startedBy: 'schedule' }, ports);
  return { planned: 'started', change: { writes: [next, ...opened.writes], facts: opened.facts } };
}
