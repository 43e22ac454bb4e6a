import type { KmsKey } from '../keys/kms-key';
import { type Moves, transition } from '../legal-moves';
import { defined } from '../optional-fields';
import { RETIREMENT_DEFAULTS, type RetirementTerms } from './retirement-terms';
import type { ScanCursor } from './verify/scan-cursor';

export type RetirementStage =
  | 'watching'
  | 'quiet'
  | 'disable-due'
  | 'disabled'
  | 'deletable'
  | 'deletion-scheduled'
  | 'deleted';

/** What nothing needs when its retirement begins is `quiet` or `disable-due` at once, by its terms. */
export const RETIREMENT_MOVES = {
  entityType: 'retirement',
  stateOf: ({ stage }) => stage,
  states: {
    watching: { initial: true, next: ['quiet', 'disable-due'] },
    quiet: { initial: true, next: ['watching', 'disable-due'] },
    'disable-due': { initial: true, next: ['watching', 'quiet', 'disabled', 'deleted'] },
    disabled: { next: ['watching', 'deletable', 'deleted'] },
    deletable: { next: ['watching', 'disabled', 'deletion-scheduled', 'deleted'] },
    'deletion-scheduled': { next: ['watching', 'disabled', 'deleted'] },
    deleted: { next: [] },
  },
} as const satisfies Moves<Retirement, RetirementStage>;

/** How a person takes back what was done to get to a stage. */
export const UNDO: Readonly<Record<RetirementStage, string>> = {
  watching: 'Nothing was done to the key yet.',
  quiet: 'Nothing was done to the key yet: undo keeps it in use.',
  'disable-due': 'Nothing was done to the key yet: undo keeps it in use.',
  disabled: 'Undo its step `disable`: KMS enables the key, at once.',
  deletable: 'Undo its step `disable`: KMS enables the key, at once.',
  'deletion-scheduled':
    'Undo its step `schedule-deletion` before the date of deletion: the key stays disabled. Then undo `disable`.',
  deleted: 'Nothing brings a deleted key back.',
};

/** What takes the approval of two people, or may: each can be undone by one. */
export type RetirementStep = 'disable' | 'schedule-deletion';

export interface Retirement {
  readonly kmsKeyArn: string;
  readonly customerId?: string;
  readonly terms: RetirementTerms;
  readonly stage: RetirementStage;
  /** When that stage began. */
  readonly since: string;
  /** Why it went back, where it did. */
  readonly reason?: string;
  /** Who last wanted it to begin or to go on, by terms of its own or not. Absent: nobody, it goes by itself. */
  readonly asked?: { readonly by: string; readonly at: string };
  /** Who stopped it. What is disabled is still looked after; nothing goes on until a person says so. */
  readonly held?: { readonly by: string; readonly reason: string; readonly at: string };
  /** When a person last took a step back: what was asked for or approved until then is void. */
  readonly undoneAt?: string;
  /** It was taken back while somebody may have been disabling or deleting it: what KMS shows is set right, once. */
  readonly settleKms?: true;
  /** Uses after this instant break the quiet period. */
  readonly quietSince?: string;
  /** When the key was used although its retirement was under way: from then on a quiet period is waited for. */
  readonly usedAt?: string;
  readonly disabledAt?: string;
  /** When KMS deletes it. */
  readonly deletionDate?: string;
  /** The last one. Approvals are bound to its hash. */
  readonly certificate?: RetirementCertificate;
  /** The verification that its stage is waiting for, where that takes more than one run. */
  readonly scanCursor?: ScanCursor;
  /** When it is looked at next: at least once a day until it is over. `NEVER` while it is held and in use. */
  readonly dueAt: string;
  readonly revision: number;
}

/** A retirement stopped by itself: nothing goes on until a person has looked, and on-call is told so once. */
export interface RetirementStop {
  readonly stopId: string;
  readonly kmsKeyArn: string;
  readonly customerId?: string;
  readonly reason: string;
  readonly at: string;
  /** When on-call was paged. */
  readonly pagedAt?: string;
  /** When the page is sent, or sent again. Absent: none is owed. */
  readonly dueAt?: string;
  readonly revision: number;
}

/** Who holds a retirement that stopped by itself. */
export const STOPPED_BY = 'keywright';

export interface RetirementCertificate {
  /** The signed note. */
  readonly note: string;
  /** SHA-256 of the note's text, in hex. */
  readonly hash: string;
  readonly verdict: CertificateVerdict;
  readonly issuedAt: string;
}

export type CertificateVerdict = 'needed' | 'safe-to-disable' | 'safe-to-delete' | 'deletion-scheduled';

/** A key that was used once somebody had taken it for unused has to be quiet for so long, whatever its terms are. */
const QUIET_DAYS_AFTER_USE = 7;

/** For how many days nobody may use the key before it is disabled. */
export const quietDaysOf = ({ terms, usedAt }: Retirement): number =>
  usedAt === undefined ? terms.quietDays : Math.max(terms.quietDays, QUIET_DAYS_AFTER_USE);

/** The row that a retirement begins with. */
export function newRetirement(
  { kmsKeyArn, customerId }: Pick<KmsKey, 'kmsKeyArn' | 'customerId'>,
  terms: RetirementTerms | undefined,
  now: string,
): Retirement {
  return transition(RETIREMENT_MOVES, undefined, {
    kmsKeyArn,
    ...defined({ customerId }),
    terms: terms ?? RETIREMENT_DEFAULTS,
    stage: 'watching',
    since: now,
    dueAt: now,
    revision: 0,
  });
}
