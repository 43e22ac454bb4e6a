/**
 * Writing a rule into the policies of the keys that it is for, bit by bit.
 *
 * How far it has come stands on the rule: whoever goes on goes on from there, and a step that runs twice changes nothing
 * the second time. A policy that slips through, because it came due in the meantime, is brought up to date when it does.
 */

import { hasCode } from '../errors';
import { later, MINUTE_MS, NEVER } from '../instants';
import { defined } from '../optional-fields';
import { inParallel } from '../parallel-work';
import type { Clock, ControlStore, Log } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import { inTime } from '../time-limit';
import { workDue } from '../work-due-rows';
import { ruleFor } from './find-rule';
import { policyUnder, type RotationRule } from './rotation-rule';

export interface ApplyPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** How many keys a step takes up, how many at the same time, and how many steps a run makes of each rule. */
const STEP = 50;
const CONCURRENCY = 25;
const STEPS: readonly number[] = Array.from({ length: 20 }, (_, step) => step);

const RULES_MAX = 10;

/** No step is begun later: how far a rule has come is kept after each, and a run plans rotations and looks after jobs besides. */
const RUN_MS = 3_000;

/** How long a rule waits whose step failed for some key. */
const AGAIN_MS = 5 * MINUTE_MS;

/**
 * Goes on with every rule that is not everywhere yet. Safe to repeat. A rule that fails keeps no other back, and is due still,
 * after all others.
 *
 * @returns how many were gone on with.
 * @throws what the first of them threw that failed, when all were tried.
 */
export async function applyRules(ports: ApplyPorts): Promise<number> {
  const bounds = { max: RULES_MAX, concurrency: 1, forMs: RUN_MS };
  const { succeeded, failed } = await workDue('rotation-rule', bounds, ({ scope }) => applyRule(scope, ports), ports);
  for (const error of failed) throw error;
  return succeeded.length;
}

/** Goes on with one rule for a while. Safe to repeat. */
export async function applyRule(scope: string, ports: ApplyPorts): Promise<void> {
  for (const _step of inTime(STEPS, RUN_MS, ports.clock)) {
    const rule = await ports.control.find('rotation-rule', scope);
    if (!rule || rule.dueAt > ports.clock.now()) return;
    await applyStep(rule, ports);
  }
}

async function applyStep(rule: RotationRule, ports: ApplyPorts): Promise<void> {
  const { control, clock, log } = ports;
  const { appliedUpTo, ...rest } = rule;
  const page = { limit: STEP, ...defined({ after: appliedUpTo }) };
  const { kmsKeyArns, next } = await keysIn(rule.scope, page, ports);
  const { failed } = await inParallel(kmsKeyArns, CONCURRENCY, (kmsKeyArn) => applyTo(kmsKeyArn, ports));
  if (failed.length > 0)
    log.warn('a rule could not be written everywhere', { scope: rule.scope, failed: failed.length });

  const onwards = next === undefined ? { dueAt: NEVER } : { dueAt: clock.now(), appliedUpTo: next };
  const row = failed.length > 0 ? { ...rule, dueAt: later(clock.now(), AGAIN_MS) } : { ...rest, ...onwards };
  try {
    await control.commit({ writes: [{ entityType: 'rotation-rule', row }], facts: [] });
  } catch (error) {
    // Somebody set the rule anew: it begins from the beginning.
    if (!hasCode(error, 'state.changed-meanwhile')) throw error;
  }
}

/** Brings the policy of a key up to the rule that the key is under. */
async function applyTo(kmsKeyArn: string, { control, clock }: ApplyPorts): Promise<void> {
  await retryOnConflict(async () => {
    // Before the key: whoever begins a rotation meanwhile changes the policy too, and this change is refused.
    const policy = await control.find('rotation-policy', kmsKeyArn);
    const key = await control.find('kms-key', kmsKeyArn);
    const rule = key?.state === 'active' ? await ruleFor(key, control) : undefined;
    if (!key || !rule) return;
    const row = policyUnder(rule, key, policy, clock.now());
    if (row) await control.commit({ writes: [{ entityType: 'rotation-policy', row }], facts: [] });
  });
}

interface KeysPage {
  readonly kmsKeyArns: readonly string[];
  readonly next?: string;
}

/** A page of the keys that a scope holds. */
export async function keysIn(
  scope: string,
  page: { readonly limit: number; readonly after?: string },
  { control }: Pick<ApplyPorts, 'control'>,
): Promise<KeysPage> {
  const at = scope.indexOf('/');
  const [kind, id] = [scope.slice(0, at), scope.slice(at + 1)];
  if (kind === 'key') return { kmsKeyArns: [id] };
  if (kind === 'customer') return keysOfCustomer(id, page, control);
  const { rows, next } = await control.page('rotation-policy', page);
  const keys = await Promise.all(rows.map(({ kmsKeyArn }) => control.find('kms-key', kmsKeyArn)));
  const kmsKeyArns = keys.flatMap((key) => (key?.option === id ? [key.kmsKeyArn] : []));
  return { kmsKeyArns, ...defined({ next }) };
}

/** They come in the order of their ARNs: the next page begins behind the last of this one. */
async function keysOfCustomer(
  customerId: string,
  { limit, after = '' }: { readonly limit: number; readonly after?: string },
  control: ControlStore,
): Promise<KeysPage> {
  const kmsKeyArns: string[] = [];
  for await (const { kmsKeyArn } of control.ofCustomer('kms-key', customerId)) {
    const last = kmsKeyArns.at(-1);
    if (kmsKeyArns.length === limit && last !== undefined) return { kmsKeyArns, next: last };
    if (kmsKeyArn > after) kmsKeyArns.push(kmsKeyArn);
  }
  return { kmsKeyArns };
}
