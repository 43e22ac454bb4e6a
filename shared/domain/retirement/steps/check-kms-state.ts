/** What KMS shows of a key on its way out, and what follows where somebody else has changed it there. */

import { hasCode } from '../../errors';
import { DAY_MS, later, NEVER } from '../../instants';
import { KEY_MOVES, type KmsKey } from '../../keys/kms-key';
import type { KeyDescription } from '../../keys/ports';
import { transition } from '../../legal-moves';
import { moved } from '../move-retirement';
import { STOPPED_BY } from '../retirement';
import type { RetirementContext } from '../verify/verify-unused';
import type { RetireOutcome, RetirePorts } from './ports';
import { backToWatching, inUse, watchAgain } from './restore-key';
import { lookAgain } from './schedule-check';
import { stopping } from './stop-retirement';

/** What KMS shows when somebody else has changed the key there, and what follows. */
export async function unlessChangedInKms(
  open: RetirementContext,
  expected: string,
  ports: RetirePorts,
): Promise<RetireOutcome | undefined> {
  const { key } = open;
  const keyState = await keyStateOf(key, ports);
  // A deletion that was decided and is not confirmed yet: delete-key goes on with it.
  const isUnderWay = key.state === 'deletion-scheduled' && open.retirement.stage === 'deletable';
  if (keyState === expected || isUnderWay) return undefined;
  if (keyState === 'gone') return isGone(open, ports);
  if (keyState === 'Enabled') return follow(open, 'somebody enabled it in KMS', ports);
  if (keyState === 'Disabled') return calledOff(open, ports);
  return stopUnasked(open, keyState, ports);
}

/** What follows when somebody else deletes in KMS what is about to be disabled, which KMS refuses then. */
export async function unlessDeletedInKms(
  open: RetirementContext,
  ports: RetirePorts,
): Promise<RetireOutcome | undefined> {
  const keyState = await keyStateOf(open.key, ports);
  if (keyState === 'gone') return isGone(open, ports);
  return keyState === 'PendingDeletion' ? stopUnasked(open, keyState, ports) : undefined;
}

/** A deletion that somebody else scheduled is called off once a person was told. */
async function stopUnasked(open: RetirementContext, keyState: string, ports: RetirePorts): Promise<RetireOutcome> {
  if (keyState === 'PendingDeletion' && open.retirement.held !== undefined) {
    await ports.administrator.cancelDeletion(open.key);
    return lookAgain(open, DAY_MS, 'waiting', ports);
  }
  return stop(open, `KMS shows it ${keyState}, which nobody asked for here`, ports);
}

/** KMS’s own state of the key. Throws codes that begin with `kms.`. */
export async function keyStateOf(key: KmsKey, { observer }: RetirePorts): Promise<KeyDescription['keyState'] | 'gone'> {
  try {
    return (await observer.describe(key)).keyState;
  } catch (error) {
    if (hasCode(error, 'kms.key-not-found')) return 'gone';
    throw error;
  }
}

/** Somebody wanted the key back: it is, and has to be quiet before it goes again. */
async function follow(
  { key, retirement }: RetirementContext,
  reason: string,
  ports: RetirePorts,
): Promise<RetireOutcome> {
  const usedAt = ports.clock.now();
  const { row, fact } = backToWatching({ ...retirement, usedAt }, { reason }, ports);
  await ports.control.commit({
    writes: [
      { entityType: 'kms-key', row: inUse(key) },
      { entityType: 'retirement', row },
      ...(await watchAgain(key.kmsKeyArn, ports)),
    ],
    facts: [fact],
  });
  return 'went-on';
}

async function calledOff({ key, retirement }: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
  const reason = 'somebody called its deletion off in KMS';
  const { deletionDate: _off, ...rest } = retirement;
  const held = { by: 'KMS', reason, at: ports.clock.now() };
  const { row, fact } = moved({ ...rest, held }, { to: 'disabled', againMs: DAY_MS, reason }, ports);
  await ports.control.commit({
    writes: [
      { entityType: 'kms-key', row: transition(KEY_MOVES, key, { ...key, state: 'disabled' }) },
      { entityType: 'retirement', row },
    ],
    facts: [fact],
  });
  return 'went-on';
}

/** Goes no further until a person has looked, who is told. */
async function stop(
  { key, retirement }: RetirementContext,
  reason: string,
  ports: RetirePorts,
): Promise<RetireOutcome> {
  const at = ports.clock.now();
  const row = { ...retirement, reason, held: { by: STOPPED_BY, reason, at }, dueAt: later(at, DAY_MS) };
  const stop = retirement.held ? { writes: [], facts: [] } : stopping(key, reason, ports);
  await ports.control.commit({ writes: [{ entityType: 'retirement', row }, ...stop.writes], facts: stop.facts });
  return 'waiting';
}

async function isGone({ retirement }: RetirementContext, ports: RetirePorts): Promise<RetireOutcome> {
  const { row, fact } = moved(retirement, { to: 'deleted', againMs: 0 }, ports);
  await ports.control.commit({ writes: [{ entityType: 'retirement', row: { ...row, dueAt: NEVER } }], facts: [fact] });
  return 'went-on';
}
