/** A step's proof that nothing needs its key, which may take several runs: what each came to is kept in the retirement's row. */

import type { Fact } from '../../../../events/define-event';
import { later, MINUTE_MS } from '../../instants';
import type { KmsKey } from '../../keys/kms-key';
import type { Ids } from '../../ports';
import type { Retiring } from '../find-retirement';
import type { Retirement } from '../retirement';
import { scanReferences } from './full-scan';
import type { ReferencePorts, ReferenceReport } from './references';
import type { ScanCursor } from './scan-cursor';

/** A retirement in the hands of a step. Whatever the step commits of its row ends the proof that was under way. */
export interface RetirementContext extends Retiring {
  readonly soFar?: ScanCursor;
}

/** A retirement as a step takes it. */
export function retirementContext(key: KmsKey, { proving: soFar, ...retirement }: Retirement): RetirementContext {
  return { key, retirement, ...(soFar && { soFar }) };
}

/**
 * Whether an event, or the time that came, asks for what is next. The parts of a proof ask for each other by their number:
 * a repeated event begins none twice.
 */
export const isAskedFor = ({ dueAt, proving }: Retirement, part: number | undefined, now: string): boolean =>
  part === undefined ? dueAt <= now : part === proving?.part;

/** Asks for the next part of a proof. */
export interface AsksForPart {
  of(detail: { factId: string; at: string; kmsKeyArn: string; part: number }): Fact;
}

/** A part whose event was lost is made by the schedule after so long: none that is under way takes longer. */
const LOST_MS = 10 * MINUTE_MS;

/**
 * Makes the proof, or its next part.
 *
 * @returns undefined when there is more to read: what was read is committed, and the next part asked for.
 */
export async function verifyUnused(
  { key, retirement, soFar }: RetirementContext,
  asks: AsksForPart,
  ports: ReferencePorts & { readonly ids: Ids },
): Promise<ReferenceReport | undefined> {
  const proof = await scanReferences(key, soFar, ports);
  if (!('soFar' in proof)) return proof;
  const { kmsKeyArn } = key;
  const at = ports.clock.now();
  const row: Retirement = { ...retirement, proving: proof.soFar, dueAt: later(at, LOST_MS) };
  const fact = asks.of({ factId: ports.ids.next(), at, kmsKeyArn, part: proof.soFar.part });
  await ports.control.commit({ writes: [{ entityType: 'retirement', row }], facts: [fact] });
  return undefined;
}
