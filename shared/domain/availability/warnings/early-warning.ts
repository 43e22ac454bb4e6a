/** What may take a key away soon, and is to be seen to while it still serves: its row, and when on-call is told of it. */
import { later } from '../../instants';
import { COUNTDOWN_MS } from '../paging/deletion-countdown';

interface WarningWording {
  /** A page of docs/runbooks; that of its own name unless said otherwise. */
  readonly runbook?: string;
  /** Whose key it is, where the customer does not tell. */
  readonly whose?: string;
  readonly happened: string;
  readonly next: string;
}

/** Which there are, each with the words for whoever reads its page. Commands are on lines of their own; `KEY` stands for the key's ARN. */
export const WARNINGS = {
  'material-expiring': {
    runbook: 'key-material-expiring',
    happened: 'has imported key material that expires soon',
    next: 'Once it has expired nothing under the key opens. Rotate to new material in time:\nkeywright rotate KEY --import new.bin',
  },
  'rotation-off': {
    happened: 'no longer rotates by itself as its policy has it',
    next: 'Find out who changed it (DisableKeyRotation or EnableKeyRotation in CloudTrail), and whether it was meant. What its policy says:\nkeywright policy show KEY',
  },
  'safeguards-removed': {
    happened: 'has lost a safeguard: its policy no longer denies an act by which it is lost',
    next: 'Ask the key’s owner whether it was meant, and to put the statement back if not. Somebody may be about to delete the key.',
  },
  'alias-moved': {
    happened: 'is no longer the one that its customer’s alias points at',
    next: 'Ask the customer whether that is a rotation. Until they register the other key, their data stays under this one: it must not be deleted.',
  },
  'drill-failed': {
    whose: 'The KMS key of drills',
    happened: 'failed a drill: its loss was not noticed, told or over in time. It protects nothing of anybody',
    next: 'Find out what was late before a customer’s key is:\nkeywright drill list',
  },
} as const satisfies Readonly<Record<string, WarningWording>>;
export type WarningKind = keyof typeof WARNINGS;

/** The words of a kind. */
export const wordingOfWarning = (kind: WarningKind): WarningWording => WARNINGS[kind];

/** One row a warning: what it warns of is in its id, so that it is written once. */
export interface EarlyWarning {
  readonly warningId: string;
  readonly kind: WarningKind;
  readonly kmsKeyArn: string;
  readonly customerId?: string;
  /** What was seen, in a sentence for a person. */
  readonly says: string;
  /** When the key stops serving by it, where that is known. */
  readonly deadline?: string;
  /** The key material that it is about: over once the key has another. */
  readonly keyMaterialId?: string;
  readonly at: string;
  /** When on-call was last told. */
  readonly pagedAt?: string;
  /** When on-call is told, or told again. Absent: no more. */
  readonly dueAt?: string;
  readonly revision: number;
}

/** Whether on-call is owed a word: the first, or that of a step of the countdown to the deadline. Of several steps one word tells the last. */
export const isWordOwed = (warning: EarlyWarning, now: string): boolean =>
  warning.pagedAt === undefined ||
  momentsOf(warning).some((moment) => moment > (warning.pagedAt ?? '') && moment <= now);

/** The warning as it is to be written while no word is owed: due with the next step, or no more. */
export function dueWithNextStep({ dueAt: _over, ...warning }: EarlyWarning, now: string): EarlyWarning {
  const dueAt = momentsOf(warning).find((moment) => moment > now);
  return { ...warning, ...(dueAt !== undefined && { dueAt }) };
}

const momentsOf = ({ deadline }: EarlyWarning): readonly string[] =>
  deadline === undefined ? [] : COUNTDOWN_MS.map((ms) => later(deadline, -ms));
