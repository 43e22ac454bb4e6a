/** A time in which a customer's data could not be used, as the contract team accounts for it: one row an incident and customer. */
import type { Party } from '../../../events/fields';
import type { KeyAct } from '../availability/key-acts';
import type { Cause } from '../availability/verdict';
import type { DataStoreKind } from '../customers/customer';
import type { Clause } from './service-level';

/** How many data stores an interval names; `dataStoreCount` is whole. */
export const INTERVAL_STORES_MAX = 20;

/** Only what concerns this customer: of others who share the key nothing is in it. Instants that have not come are absent. */
export interface SlaInterval {
  readonly incidentId: string;
  readonly customerId: string;
  readonly kmsKeyArn: string;
  readonly cause: Cause;
  /** Whose act it is. */
  readonly party?: Party;
  /** Who in the customer's own account did it, by their trail; absent of everybody else, and where no event told. */
  readonly actedBy?: KeyAct;
  /** By which clause its time is not burnt. Absent: it counts. */
  readonly clause?: Clause;
  /** When the first sign of the loss was seen. */
  readonly lostAt: string;
  /** When it was confirmed. */
  readonly detectedAt: string;
  /** When on-call was paged. */
  readonly pagedAt?: string;
  /** When the customer was told. */
  readonly toldAt?: string;
  /** By when they were to be, by what is agreed with them. Absent: nothing is. */
  readonly noticeDueAt?: string;
  /** When the first of their data stores stops, or stopped: time is burnt from here. Absent: none does as far as is known. */
  readonly stoppedAt?: string;
  /** When the key could be used again. */
  readonly restoredAt?: string;
  /** When everything served again, and it was over. Absent: it goes on. */
  readonly servingAt?: string;
  /** How many of their data stores depend on the key, and the first of them. */
  readonly dataStoreCount: number;
  readonly dataStores: readonly {
    readonly dataStoreId: string;
    readonly kind: DataStoreKind;
    readonly stopsAt?: string;
  }[];
  /** The facts that it rests on. A fact in an audit stream is the entry whose `eventId` is the fact's id. */
  readonly restsOn: readonly { readonly fact: string; readonly factId: string }[];
  readonly revision: number;
}

/** A stretch of an interval in which data could not be used; undefined: there was none. @param now The end of one that goes on. */
export function downtimeOf({ stoppedAt, servingAt }: Pick<SlaInterval, 'stoppedAt' | 'servingAt'>, now: string) {
  const to = servingAt ?? now;
  return stoppedAt !== undefined && stoppedAt < to ? { from: stoppedAt, to } : undefined;
}

/** `kept` and `breached` stay; `ahead`: there is time left; `spared`: it was over before anybody had to tell. */
export type NoticeDuty = 'kept' | 'breached' | 'ahead' | 'spared';

/** Whether the customer was told in time; undefined: nothing is agreed about it. */
export function noticeDutyOf(
  { noticeDueAt, toldAt, servingAt }: Pick<SlaInterval, 'noticeDueAt' | 'toldAt' | 'servingAt'>,
  now: string,
): NoticeDuty | undefined {
  if (noticeDueAt === undefined) return undefined;
  if ((toldAt ?? servingAt ?? now) > noticeDueAt) return 'breached';
  if (toldAt !== undefined) return 'kept';
  return servingAt === undefined ? 'ahead' : 'spared';
}
