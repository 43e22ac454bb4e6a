/** set-service-level: what is agreed with a customer from now on. */
import { serviceLevelSet } from '../../../events/service-level-set';
import { invalid } from '../errors';
import { DAY_MS, MINUTE_MS, NEVER } from '../instants';
import { defined } from '../optional-fields';
import { newFact } from '../outbox/new-fact';
import type { Clock, ControlStore, Ids } from '../ports';
import { mustFind } from '../require-row';
import { retryOnConflict } from '../retry-on-conflict';
import { committed } from '../rows';
import {
  CLAUSE_NAMES,
  type Clause,
  effectiveLevel,
  refuseBadTier,
  type ServiceLevel,
  type SlaTerms,
  type SlaWindow,
} from './service-level';

export interface ServiceLevelPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What somebody asks for: the window and the clauses in their words. What is left out is not agreed. */
export interface ServiceLevelRequest extends Partial<Omit<SlaTerms, 'targetPercent' | 'window' | 'exclude'>> {
  readonly customerId: string;
  readonly targetPercent: number;
  /** `30d`, or `month` for the calendar month in UTC. Left out: 30 days. */
  readonly window?: string;
  readonly exclude?: readonly string[];
  /** The principal who asks. */
  readonly by: string;
  /** Tells what would be set, and touches nothing. */
  readonly dryRun?: boolean;
}

const WINDOW_DEFAULT = '30d';
const DAYS_MAX = 366;
const NOTICE_MINUTES_MAX = (7 * DAY_MS) / MINUTE_MS;
/** The probe runs once a minute. */
const PROBE_SECONDS_MIN = 60;
const PROBE_SECONDS_MAX = 3_600;

/**
 * Sets all terms at once. Safe to repeat: the same terms again change nothing. What is lost from now on, and what is lost now,
 * is accounted for by them; what is over stays as it was accounted for.
 *
 * @throws KeywrightError `input.invalid` naming the field, `state.not-found`: nothing was touched.
 */
export async function setServiceLevel(request: ServiceLevelRequest, ports: ServiceLevelPorts): Promise<ServiceLevel> {
  const { customerId, by, dryRun } = request;
  const terms = termsOf(request);
  return retryOnConflict(async () => {
    await mustFind('customer', customerId, ports);
    const before = await ports.control.find('service-level', customerId);
    if (before && isSame(effectiveLevel(before).terms, terms)) return before;
    const at = ports.clock.now();
    const row = { customerId, ...terms, setBy: by, setAt: at, dueAt: NEVER, revision: before?.revision ?? 0 } as const;
    if (dryRun) return row;
    const fact = newFact(serviceLevelSet, ports, { at, customerId, ...told(terms), setBy: by });
    await ports.control.commit({ writes: [{ entityType: 'service-level', row }], facts: [fact] });
    return committed(row);
  });
}

const told = ({ window, exclude, ...terms }: SlaTerms) => ({
  ...terms,
  exclude: [...exclude],
  window: 'days' in window ? `${window.days}d` : window.calendar,
});

function termsOf({
  targetPercent,
  window = WINDOW_DEFAULT,
  exclude = [],
  noticeMinutes,
  tier,
  probeEverySeconds,
}: ServiceLevelRequest): SlaTerms {
  if (!(targetPercent > 0 && targetPercent < 100))
    throw invalid(
      'targetPercent',
      `must be more than 0 and less than 100, such as 99.95. ${targetPercent >= 100 ? 'Nobody can promise 100: it leaves no time for anything.' : ''}`.trimEnd(),
    );
  within('noticeMinutes', noticeMinutes, 1, NOTICE_MINUTES_MAX, 'minutes');
  within('probeEverySeconds', probeEverySeconds, PROBE_SECONDS_MIN, PROBE_SECONDS_MAX, 'seconds');
  if (tier !== undefined) refuseBadTier('tier', tier);
  return {
    targetPercent,
    window: windowOf(window),
    exclude: CLAUSE_NAMES.filter((clause) => exclude.map(clauseOf).includes(clause)),
    ...defined({ noticeMinutes, tier, probeEverySeconds }),
  };
}

function windowOf(text: string): SlaWindow {
  if (text === 'month') return { calendar: 'month' };
  const days = Number(/^(\d{1,4})d$/.exec(text)?.[1] ?? 0);
  if (days >= 1 && days <= DAYS_MAX) return { days };
  throw invalid('window', `must be month, or days from 1d to ${DAYS_MAX}d, such as 30d.`);
}

function clauseOf(name: string): Clause {
  const clause = CLAUSE_NAMES.find((one) => one === name);
  if (clause !== undefined) return clause;
  throw invalid('exclude', `holds ${name}, which is no clause. There are: ${CLAUSE_NAMES.join(', ')}.`);
}

function within(field: string, value: number | undefined, min: number, max: number, unit: string): void {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return;
  throw invalid(field, `must be from ${min} to ${max} ${unit}. Leave it out where nothing was agreed.`);
}

const isSame = (one: SlaTerms, other: SlaTerms): boolean =>
  JSON.stringify(ordered(one)) === JSON.stringify(ordered(other));

const ordered = ({ targetPercent, window, exclude, noticeMinutes, tier, probeEverySeconds }: SlaTerms) => [
  targetPercent,
  window,
  exclude,
  noticeMinutes,
  tier,
  probeEverySeconds,
];
