/**
 * plan-rotations: finds the policies whose time has come and begins their rotations.
 *
 * A policy stays in sight until its rotation is over: while one is open it comes due again and again, at the pace of its
 * strategy, and the rotation is asked for anew. So no lost event, no crash and no patient customer leaves one behind.
 */

import { KeywrightError } from '../errors';
import { DAY_MS, later, MINUTE_MS, NEVER } from '../instants';
import type { KmsKey } from '../keys/kms-key';
import type { Change, ControlStore, Log } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import { workDue } from '../work-due-rows';
import { ruleFor } from './find-rule';
import type { Rotation } from './rotation';
import { waitsForKey } from './rotation-limits';
import type { RotationPolicy } from './rotation-policy';
import { policyUnder } from './rotation-rule';
import { byPolicy, hasOtherStrategy, otherDueAt } from './strategies/follow-policy';
import { dueFact, type OpenPorts, openRotation, RECHECK_MS } from './strategies/open-rotation';
import { isOpen, nextOpening } from './work-window';

export interface PlanPorts extends OpenPorts {
  readonly control: ControlStore;
  readonly log: Log;
}

/**
 * How many policies one run takes up. With a run a minute that stays below the 5 requests a second of the KMS calls
 * that rotate keys; the rest is due still and comes next. Source: KMS developer guide, request quotas.
 */
const POLICIES_MAX = 250;

const CONCURRENCY = 8;

/** No policy is taken up later: a run applies rules before and looks after jobs afterwards, within what Lambda gives it. */
const RUN_MS = 5_000;

/** How often a policy is taken up whose key is lost: once the key is back, its rotation is late by no more. */
const WHILE_LOST_MS = 15 * MINUTE_MS;

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
 * keeps no other back, and is due still, after all others.
 */
export async function planRotations(ports: PlanPorts): Promise<Plan> {
  const { log } = ports;
  const { succeeded, failed } = await workDue(
    'rotation-policy',
    { max: POLICIES_MAX, concurrency: CONCURRENCY, forMs: RUN_MS },
    ({ kmsKeyArn }) => retryOnConflict(() => planOne(kmsKeyArn, ports)),
    ports,
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
  const found = await control.find('rotation-policy', kmsKeyArn);
  if (!found || found.dueAt > clock.now()) return 'not-due';

  const key = await control.find('kms-key', kmsKeyArn);
  const policy = await withCurrentRule(found, key, ports);
  const open = key?.openRotationId ? await control.find('rotation', key.openRotationId) : undefined;
  const { planned, change } = decide(policy, key, open, ports);
  await control.commit(change);
  return planned;
}

/** The policy as its rule has it now, for one that slipped through when the rule was set. */
async function withCurrentRule(policy: RotationPolicy, key: KmsKey | undefined, { control, clock }: PlanPorts) {
  if (policy.scope === undefined || key?.state !== 'active') return policy;
  const rule = await ruleFor(key, control);
  return (rule && policyUnder(rule, key, policy, clock.now())) ?? policy;
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
  const now = ports.clock.now();
  if (open) return continueRotation(open, policy, key, ports);
  if (key?.state !== 'active') return lookAgain(policy, NEVER, 'ended');
  // The rule that came meanwhile gives it more time.
  if (policy.dueAt > now) return lookAgain(policy, policy.dueAt, 'not-due');
  if (!isOpen(policy.window, now)) return lookAgain(policy, nextOpening(policy.window, now), 'waiting');
  // It would only be blocked, and its customer asked to rotate what they took away.
  if (waitsForKey(policy.strategy, key)) return lookAgain(policy, later(now, WHILE_LOST_MS), 'waiting');
  // Data keys that are still on their way to this key have to arrive before it changes under them.
  if (key.jobIds?.length) return lookAgain(policy, later(now, RECHECK_MS[policy.strategy]), 'waiting');
  const opened = openRotation(key, { strategy: policy.strategy, startedBy: 'schedule' }, ports);
  return lookAgain(policy, recheckAt(opened.rotation, policy, key, now), 'started', opened);
}

/** Asks for the open rotation anew, and by the policy's strategy once that is due, if it is another one by now. */
function continueRotation(open: Rotation, policy: RotationPolicy, key: KmsKey | undefined, ports: OpenPorts): Decision {
  const now = ports.clock.now();
  const isOther = key !== undefined && hasOtherStrategy(open, key, policy);
  const otherAt = isOther ? nextOpening(policy.window, otherDueAt(open, policy, now)) : NEVER;
  const row = otherAt <= now ? byPolicy(open, policy, now) : open;
  return lookAgain(policy, earlier(recheckAt(row, policy, key, now), otherAt), 'asked-again', {
    writes: row === open ? [] : [{ entityType: 'rotation', row }],
    facts: [dueFact(row, ports)],
  });
}

/**
 * When to look at an open rotation again. What KMS was asked for is soon over, and worth a look at any hour; what may have to
 * be asked of it is so inside the window only.
 */
function recheckAt(open: Rotation, policy: RotationPolicy, key: KmsKey | undefined, now: string): string {
  if (open.askedAt !== undefined && open.state !== 'blocked') return later(now, RECHECK_MS['kms-on-demand']);
  const at = later(now, open.state === 'blocked' ? DAY_MS : RECHECK_MS[open.strategy]);
  return open.startedBy === 'schedule' && key?.state === 'active' ? nextOpening(policy.window, at) : at;
}

const earlier = (one: string, other: string): string => (one < other ? one : other);

function lookAgain(policy: RotationPolicy, dueAt: string, planned: Planned, more?: Change): Decision {
  const { writes = [], facts = [] } = more ?? {};
  return {
    planned,
    change: { writes: [{ entityType: 'rotation-policy', row: { ...policy, dueAt } }, ...writes], facts },
  };
}
