/**
 * follow-retired-use: somebody tried to use a key that its retirement had disabled. By its terms it comes back, or stops. A
 * compromised key always stops: whoever stole it may be who tries.
 */

import type { RetiredKeyUsed } from '../../../events/retired-key-used';
import { DAY_MS, later } from '../instants';
import { KEY_MOVES, type KmsKey } from '../keys/kms-key';
import { transition } from '../legal-moves';
import type { Write } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import type { Retiring } from './find-retirement';
import { moved } from './move-retirement';
import { type Retirement, STOPPED_BY } from './retirement';
import { type BringBackPorts, backToWatching, enableInKms, inUse, watchAgain } from './steps/restore-key';
import { stopping } from './steps/stop-retirement';
import { retirementContext } from './verify/verify-unused';

export type Followed = 'in-use-again' | 'stopped' | 'ignored';

/** CloudTrail tells seconds: a use within the second of the disabling may have been before it. */
const SECOND_MS = 1_000;

/**
 * Follows a use. Safe to repeat: one of before the key was disabled, while it is held already, or once KMS has deleted it changes
 * nothing.
 *
 * @throws KeywrightError `kms.*` and `store.*` that may pass (retry).
 */
export async function followRetiredUse(use: RetiredKeyUsed, ports: BringBackPorts): Promise<Followed> {
  return retryOnConflict(async () => {
    const [key, retirement] = await Promise.all([
      ports.control.find('kms-key', use.kmsKeyArn),
      ports.control.find('retirement', use.kmsKeyArn),
    ]);
    if (!key || !retirement || !isOut(key) || retirement.held) return 'ignored';
    // Nothing brings it back, and nothing is left to stop.
    if (retirement.stage === 'deleted') return 'ignored';
    const disabledAt = retirement.disabledAt ?? retirement.since;
    if (use.usedAt < later(disabledAt, -SECOND_MS)) return 'ignored';
    const open = retirementContext(key, { ...retirement, usedAt: use.usedAt });
    const reason = `used while it was disabled: ${use.observed}`;
    const comesBack = retirement.terms.onUse === 'enable' && key.compromise === undefined;
    return comesBack ? bringBack(open, reason, ports) : stop(open, reason, ports);
  });
}

const isOut = ({ state }: KmsKey): boolean => state === 'disabled' || state === 'deletion-scheduled';

async function bringBack({ key, retirement }: Retiring, reason: string, ports: BringBackPorts): Promise<Followed> {
  await enableInKms(key, ports);
  const { row, fact } = backToWatching(retirement, { reason }, ports);
  const writes: Write[] = [
    { entityType: 'kms-key', row: inUse(key) },
    { entityType: 'retirement', row },
    ...(await watchAgain(key.kmsKeyArn, ports)),
  ];
  await ports.control.commit({ writes, facts: [fact] });
  return 'in-use-again';
}

/** The key stays disabled and is not deleted: its deletion, where one is scheduled, is called off. A person is told. */
async function stop({ key, retirement }: Retiring, reason: string, ports: BringBackPorts): Promise<Followed> {
  const held = { by: STOPPED_BY, reason, at: ports.clock.now() };
  const stop = stopping(key, reason, ports);
  if (key.state === 'deletion-scheduled') await ports.administrator.cancelDeletion(key);
  const { row, facts } = stopped({ ...retirement, held }, reason, ports);
  await ports.control.commit({
    writes: [
      { entityType: 'kms-key', row: transition(KEY_MOVES, key, { ...key, state: 'disabled' }) },
      { entityType: 'retirement', row },
      ...stop.writes,
    ],
    facts: [...stop.facts, ...facts],
  });
  return 'stopped';
}

function stopped({ deletionDate: _off, ...retirement }: Retirement, reason: string, ports: BringBackPorts) {
  if (retirement.stage === 'disabled' || retirement.stage === 'disable-due')
    return { row: { ...retirement, reason, dueAt: later(ports.clock.now(), DAY_MS) }, facts: [] };
  const { row, fact } = moved(retirement, { to: 'disabled', againMs: DAY_MS, reason }, ports);
  return { row, facts: [fact] };
}
