/**
 * undo-retirement: a person takes back a step, alone and at once, and the retirement is held until a person lets it go on.
 *
 * KMS first, then our rows: dying in between leaves a key that works. The key opens what it opened before, and is
 * not used for new data: data stores go on to name the key that took its place. So a compromised key can be undone too.
 */

import { KeywrightError } from '../errors';
import { NEVER } from '../instants';
import { KEY_MOVES } from '../keys/kms-key';
import { transition } from '../legal-moves';
import type { Write } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import { findRetirement, type Retiring } from './find-retirement';
import { moved } from './move-retirement';
import type { Retirement, RetirementStep } from './retirement';
import { type BringBackPorts, backToWatching, enableInKms, inUse, SETTLED_MS, watchAgain } from './steps/restore-key';

export interface UndoRequest {
  readonly kmsKeyArn: string;
  /** `schedule-deletion`: the deletion is called off, the key stays disabled. `disable`: the key is in use again. */
  readonly step: RetirementStep;
  readonly reason: string;
  readonly by: string;
  /** Tells what would happen, and touches nothing. */
  readonly dryRun?: boolean;
}

/**
 * Takes a step back. Safe to repeat: a step that is not taken, or was taken back, is only held.
 *
 * @returns the retirement as it is then.
 * @throws KeywrightError `state.not-found`, `state.forbids`: nothing was touched. Any code that begins with `kms.`.
 */
export async function undoRetirement(request: UndoRequest, ports: BringBackPorts): Promise<Retirement> {
  return retryOnConflict(async () => {
    const found = await findRetirement(request.kmsKeyArn, ports);
    if (found.retirement.stage === 'deleted') {
      throw new KeywrightError('state.forbids', 'key: KMS has deleted it, and nothing brings it back.', {
        field: 'key',
      });
    }
    return request.step === 'disable' ? undoDisable(found, request, ports) : undoDeletion(found, request, ports);
  });
}

async function undoDisable({ key, retirement }: Retiring, request: UndoRequest, ports: BringBackPorts) {
  const { reason, by, dryRun } = request;
  if (key.state === 'retiring' && retirement.stage === 'watching') return hold(retirement, request, ports);
  const { row, fact } = backToWatching({ ...retirement, ...heldBy(request, ports) }, { reason, by }, ports);
  if (dryRun) return row;
  await enableInKms(key, ports);
  const writes: Write[] = [
    { entityType: 'kms-key', row: inUse(key) },
    { entityType: 'retirement', row },
    ...(await watchAgain(key.kmsKeyArn, ports)),
  ];
  await ports.control.commit({ writes, facts: [fact] });
  return row;
}

async function undoDeletion({ key, retirement }: Retiring, request: UndoRequest, ports: BringBackPorts) {
  const { reason, by, dryRun } = request;
  if (key.state !== 'deletion-scheduled') return hold(retirement, request, ports);
  const { deletionDate: _off, ...rest } = retirement;
  const { row, fact } = moved(
    { ...rest, ...heldBy(request, ports) },
    { to: 'disabled', againMs: SETTLED_MS, reason, by },
    ports,
  );
  if (dryRun) return row;
  await ports.administrator.cancelDeletion(key);
  const writes: Write[] = [
    { entityType: 'kms-key', row: transition(KEY_MOVES, key, { ...key, state: 'disabled' }) },
    { entityType: 'retirement', row },
  ];
  await ports.control.commit({ writes, facts: [fact] });
  return row;
}

/** There is nothing to take back: it goes no further. */
async function hold(retirement: Retirement, request: UndoRequest, ports: BringBackPorts) {
  // What Keywright itself holds a person takes back as well: what was approved before is void then.
  if (retirement.held && retirement.held.at === retirement.undoneAt) return retirement;
  const { scanCursor: _over, ...rest } = retirement;
  const { stage, settleKms } = rest;
  const isLookedAfter = stage !== 'watching' || settleKms === true;
  const row: Retirement = {
    ...rest,
    ...heldBy(request, ports),
    ...(!isLookedAfter && { dueAt: NEVER }),
  };
  if (!request.dryRun) await ports.control.commit({ writes: [{ entityType: 'retirement', row }], facts: [] });
  return row;
}

/** Nothing goes on until a person says so, and not on what was approved before. */
function heldBy({ by, reason }: UndoRequest, { clock }: BringBackPorts) {
  const at = clock.now();
  return { held: { by, reason, at }, undoneAt: at };
}
