/** What is ahead of a key's loss: when how many data stores stop, and what that takes of whose budget. Written on its incident. */
import { durationText } from '../../duration-text';
import { utc } from '../../instants';
import { CLAUSES, type Clause, type SlaWindow } from '../../service-levels/service-level';
import { type KeyLoss, type KindCount, type StoreStages, stagesOf } from './store-loss';

/** Data stores that stop at the same time. */
export interface Stopping extends Pick<StoreStages, 'stops' | 'stopsAt'> {
  readonly dataStores: number;
  /** Those of them that a customer of the provider would miss. */
  readonly customerFacing: number;
}

/** The budget that the loss weighs on most. */
export interface BudgetAhead {
  readonly customerId: string;
  readonly targetPercent: number;
  readonly window: SlaWindow;
  /** Nothing was agreed with the customer: the default holds. */
  readonly isDefault: boolean;
  readonly leftMs: number;
  /** By which clause the time is not burnt. Absent: it is. */
  readonly clause?: Clause;
  /** When it is used up if the key stays away; absent where the time is not burnt, or nothing stops at a known time. */
  readonly usedUpAt?: string;
}

export interface LossOutlook {
  /** Since when the key does not serve: before this incident, where it follows another. */
  readonly lostAt: string;
  /** The first to stop first; empty where the key still serves. */
  readonly stopping: readonly Stopping[];
  /** Of the customers that the incident names, the one with the least left whose time is burnt; else the least left. */
  readonly budget?: BudgetAhead;
}

const ORDER = { known: 0, unpublished: 1, 'next-use': 2 } as const;

/** When data stores of these kinds stop. */
export function stoppingOf(kinds: readonly KindCount[], loss: KeyLoss): readonly Stopping[] {
  const byMoment = new Map<string, Stopping>();
  for (const { kind, dataStores, customerFacing, keptMs } of kinds) {
    const { stops, stopsAt } = stagesOf(kind, loss, keptMs);
    const moment = `${ORDER[stops]}${stopsAt ?? ''}`;
    const same = byMoment.get(moment) ?? { dataStores: 0, customerFacing: 0 };
    byMoment.set(moment, {
      stops,
      ...(stopsAt !== undefined && { stopsAt }),
      dataStores: same.dataStores + dataStores,
      customerFacing: same.customerFacing + customerFacing,
    });
  }
  return [...byMoment].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, stopping]) => stopping);
}

/** When the first data store stops. One of which no time is published counts as stopped with the key: nobody's time is kept from them. */
export const firstStopAt = ({ lostAt, stopping }: Pick<LossOutlook, 'lostAt' | 'stopping'>): string | undefined =>
  stopping.flatMap(({ stops, stopsAt }) => (stops === 'unpublished' ? [lostAt] : (stopsAt ?? []))).sort()[0];

/** What is ahead, in sentences for a person. @param endedAt When the key was back: what is told is past then. */
export function outlookInWords({ stopping, budget }: LossOutlook, endedAt?: string) {
  return {
    stops: stopping.map((one) => stoppingInWords(one, endedAt)),
    ...(budget && { contract: contractInWords(budget), time: timeInWords(budget) }),
  };
}

function stoppingInWords(
  { stops, stopsAt, dataStores, customerFacing }: Stopping,
  endedAt: string | undefined,
): string {
  const many = `${dataStores} data store${dataStores === 1 ? '' : 's'}`;
  const facing = customerFacing === 0 ? 'none' : `${customerFacing}`;
  const when = stopsAt ? `from ${utc(stopsAt)}` : WHEN[stops];
  return `reads and writes of ${many} (${facing} customer-facing) ${failing(stopsAt, endedAt)} ${when}`;
}

/** What did not stop before the key was back did not stop. */
function failing(stopsAt: string | undefined, endedAt: string | undefined): string {
  if (endedAt === undefined) return 'fail';
  return stopsAt !== undefined && stopsAt < endedAt ? 'failed' : 'would have failed';
}

const WHEN = {
  known: 'at once',
  unpublished: 'at a time that AWS does not publish: count on any moment',
  'next-use': 'not by itself, but when one is attached or started again',
} as const;

function contractInWords({ customerId, targetPercent, window, isDefault, leftMs, usedUpAt }: BudgetAhead): string {
  const over = 'days' in window ? `${window.days} days` : 'the calendar month';
  const left = leftMs < 0 ? `missed by ${durationText(-leftMs)}` : `${durationText(leftMs)} of budget left`;
  const until = usedUpAt === undefined || leftMs < 0 ? '' : `, used up at ${utc(usedUpAt)}`;
  return `${customerId}: ${targetPercent} % of ${over}${isDefault ? ' (the default: nothing was agreed)' : ''}, ${left}${until}`;
}

const timeInWords = ({ clause }: BudgetAhead): string =>
  clause === undefined
    ? 'burnt: no clause excludes it'
    : `${CLAUSES[clause].whose} under clause "${clause.replaceAll('-', ' ')}": not burnt`;
