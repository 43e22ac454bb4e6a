/** A step's verification that nothing needs its key, which may take several runs: what each came to is kept in the retirement's row. */

import type { Fact } from '../../../../events/define-event';
import { later, MINUTE_MS } from '../../instants';
import type { KmsKey } from '../../keys/kms-key';
import { newFact } from '../../outbox/new-fact';
import type { Ids } from '../../ports';
import type { Retiring } from '../find-retirement';
import type { Retirement } from '../retirement';
import { scanReferences } from './full-scan';
import type { ReferencePorts, ReferenceReport } from './references';
import type { ScanCursor } from './scan-cursor';

/** A retirement in the hands of a step. Whatever the step commits of its row ends the verification that was under way. */
export interface RetirementContext extends Retiring {
  readonly cursor?: ScanCursor;
}

/** A retirement as a step takes it. */
export function retirementContext(key: KmsKey, { scanCursor: cursor, ...retirement }: Retirement): RetirementContext {
  return { key, retirement, ...(cursor && { cursor }) };
}

/**
 * Whether an event, or the time that came, asks for what is next. The parts of a verification ask for each other by their number:
 * a repeated event begins none twice.
 */
export const isAskedFor = ({ dueAt, scanCursor }: Retirement, part: number | undefined, now: string): boolean =>
  part === undefined ? dueAt <= now : part === scanCursor?.part;

/** Asks for the next part of a report. */
export interface AsksForPart {
  of(detail: { factId: string; at: string; kmsKeyArn: string; part: number }): Fact;
}

/** A part whose event was lost is made by the schedule after so long: none that is under way takes longer. */
const LOST_MS = 10 * MINUTE_MS;

/**
 * Makes the verification, or its next part.
 *
 * @returns undefined when there is more to read: what was read is committed, and the next part asked for.
 */
export async function verifyUnused(
  { key, retirement, cursor }: RetirementContext,
  asks: AsksForPart,
  ports: ReferencePorts & { readonly ids: Ids },
): Promise<ReferenceReport | undefined> {
  const report = await scanReferences(key, cursor, ports);
  if (!('cursor' in report)) return report;
  const { kmsKeyArn } = key;
  const at = ports.clock.now();
  const row: Retirement = { ...retirement, scanCursor: report.cursor, dueAt: later(at, LOST_MS) };
  const fact = newFact(asks, ports, { at, kmsKeyArn, part: report.cursor.part });
  await ports.control.commit({ writes: [{ entityType: 'retirement', row }], facts: [fact] });
  return undefined;
}
