/** note-look: how long looks at a key have told nothing. It changes nothing of what we believe of the key. */
import type { KmsKey } from '../keys/kms-key';
import type { Clock, ControlStore, Write } from '../ports';
import type { BlindSpot } from './blind-spot';
import type { Finding } from './key-evidence';
import type { KeyWatch } from './key-watch';
import { subjectOf, troubleIn } from './trouble-in-look';

export interface NoteLookPorts {
  readonly control: Pick<ControlStore, 'find'>;
  readonly clock: Clock;
}

export interface NotedLook {
  /** The watch as it is to be committed, with the writes. */
  readonly watch: KeyWatch;
  readonly writes: readonly Write[];
}

/**
 * Counts a look that told nothing, and ends the count with one that told. Costs a read only where either is so. Nothing is
 * written here. @param finding Undefined: looks that never agreed.
 *
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function noteLook(
  watch: KeyWatch,
  finding: Finding | undefined,
  key: KmsKey,
  { control, clock }: NoteLookPorts,
): Promise<NotedLook> {
  const trouble = troubleIn(finding);
  if (trouble === undefined) return seeingAgain(watch, control);
  const before = await control.find('blind-spot', watch.kmsKeyArn);
  const now = clock.now();
  const isLasting = before?.dueAt !== undefined;
  const since = isLasting ? before.since : now;
  const row: BlindSpot = {
    kmsKeyArn: watch.kmsKeyArn,
    trouble,
    subject: subjectOf(trouble, key),
    evidence: finding?.says ?? 'looks at the key disagree',
    since,
    looks: (isLasting ? before.looks : 0) + 1,
    dueAt: since,
    revision: before?.revision ?? 0,
  };
  return { watch: { ...watch, cannotTellSince: since }, writes: [{ entityType: 'blind-spot', row }] };
}

/** The watch of a key that is seen again, or that nobody looks at any more. Throws as `noteLook` does. */
export async function seeingAgain(watch: KeyWatch, control: NoteLookPorts['control']): Promise<NotedLook> {
  if (watch.cannotTellSince === undefined) return { watch, writes: [] };
  const { cannotTellSince: _over, ...seeing } = watch;
  const spot = await control.find('blind-spot', watch.kmsKeyArn);
  if (spot?.dueAt === undefined) return { watch: seeing, writes: [] };
  const { dueAt: _out, ...row } = spot;
  return { watch: seeing, writes: [{ entityType: 'blind-spot', row }] };
}
