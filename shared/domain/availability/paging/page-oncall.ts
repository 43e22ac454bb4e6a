/**
 * page-oncall: wakes the right person once for an incident, and tells them once that it is over.
 *
 * What is owed stands on the row that it is about: a fact makes us look at once, and the schedule finds what no channel
 * took, for as long as it is owed. Whoever sends moves the row's date on first, so that nobody else sends the same
 * meanwhile, and notes it afterwards: dying in between sends the page twice, with the same incident id, and never not at
 * all.
 */

import { oncallPaged } from '../../../../events/oncall-paged';
import { misplacedRows } from '../../errors';
import { later } from '../../instants';
import { newFact } from '../../outbox/new-fact';
import { inParallel } from '../../parallel-work';
import type { Clock, ControlStore, Ids, Log, Write } from '../../ports';
import { mustFind } from '../../require-row';
import { STOPPED_BY } from '../../retirement/retirement';
import { retryOnConflict } from '../../retry-on-conflict';
import type { Rows } from '../../rows';
import { inTime } from '../../time-limit';
import type { Incident } from '../incidents/incident';
import { factFieldsOf } from '../incidents/incident-fact-fields';
import type { Pager } from '../ports';
import { dueWhileOwed, owedPage } from './owed-page';
import { pageOf, stoppedPage } from './page-text';

export interface PagePorts {
  readonly control: ControlStore;
  readonly pager: Pager;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** A page that is not out after so long is sent again: longer than its function may take, and within the next run. */
const AGAIN_MS = 45_000;

/** Pages sent in one run; what is left is the longest due in the next one, a minute later. */
const PAGES_MAX = 200;
const CONCURRENCY = 10;

/** No page is begun later: half of what Lambda gives the function, and the other half is for a channel that is slow. */
const RUN_MS = 15_000;

/**
 * Sends the page that an incident is owed: that it opened, or that it is over to whoever was paged. Safe to repeat, also at
 * the same time: what was paged, or is being paged, is left alone.
 *
 * @throws KeywrightError `page.not-sent`, `state.changed-meanwhile`, `store.unreachable` (all retry), `state.not-found`.
 */
export async function pageIncident(incidentId: string, ports: PagePorts): Promise<void> {
  const owing = { isOwed: async (row: Incident) => owedPage(row) !== undefined, notOwed: dueWhileOwed };
  const incident = await claimed('incident', incidentId, owing, ports);
  const about = incident && owedPage(incident);
  if (!about) return;
  await ports.pager.page(pageOf(incident, about));
  await noteIncident(incidentId, about, ports);
}

/**
 * Tells on-call that a retirement stopped, unless a person has seen to it already. Safe to repeat. Throws as `pageIncident` does.
 */
export async function pageStop(stopId: string, ports: PagePorts): Promise<void> {
  const isOwed = async ({ pagedAt, kmsKeyArn }: Rows['retirement-stop']) =>
    pagedAt === undefined && (await ports.control.find('retirement', kmsKeyArn))?.held?.by === STOPPED_BY;
  const notOwed = ({ dueAt: _out, ...row }: Rows['retirement-stop']) => row;
  const stop = await claimed('retirement-stop', stopId, { isOwed, notOwed }, ports);
  if (!stop) return;
  await ports.pager.page(stoppedPage(stop));
  await retryOnConflict(async () => {
    const { dueAt: _out, ...row } = await mustFind('retirement-stop', stopId, ports);
    await ports.control.commit({
      writes: [{ entityType: 'retirement-stop', row: { ...row, pagedAt: ports.clock.now() } }],
      facts: [],
    });
  });
}

/**
 * Sends every page that is owed and due. Costs what is due. One that fails keeps no other back, and is owed still.
 *
 * @returns how many there were, and rows among them about which nobody can be paged: nothing where facts arrive and
 *   channels take pages.
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function pageOwed(ports: PagePorts): Promise<number> {
  const now = ports.clock.now();
  const leftOut: string[] = [];
  const [incidents, stops] = await Promise.all([
    ports.control.due('incident', now, PAGES_MAX, (key) => leftOut.push(key)),
    ports.control.due('retirement-stop', now, PAGES_MAX, (key) => leftOut.push(key)),
  ]);
  for (const { message, details } of misplacedRows(leftOut)) ports.log.error(message, details);
  const pages = [
    ...incidents.map(
      ({ incidentId }) =>
        () =>
          pageIncident(incidentId, ports),
    ),
    ...stops.map(
      ({ stopId }) =>
        () =>
          pageStop(stopId, ports),
    ),
  ];
  const { failed } = await inParallel(inTime(pages, RUN_MS, ports.clock), CONCURRENCY, (send) => send());
  for (const error of failed) ports.log.error('a page is not out', { reason: String(error) });
  return pages.length + leftOut.length;
}

type PagedNoun = 'incident' | 'retirement-stop';

interface Owing<Row> {
  isOwed(row: Row): Promise<boolean>;
  /** The row as it is to be while no page about it is owed. */
  notOwed(row: Row, now: string): Row;
}

/** The row, if a page about it is owed and nobody is sending it. Whatever becomes of the page, it is not due for a while. */
async function claimed<N extends PagedNoun>(
  entityType: N,
  id: string,
  { isOwed, notOwed }: Owing<Rows[N]>,
  ports: PagePorts,
): Promise<Rows[N] | undefined> {
  const write = (row: Rows[N]) => ports.control.commit({ writes: [{ entityType, row } as Write], facts: [] });
  return retryOnConflict(async () => {
    const row = await mustFind(entityType, id, ports);
    const now = ports.clock.now();
    if (!(await isOwed(row))) {
      const rest = notOwed(row, now);
      if (row.dueAt !== rest.dueAt) await write(rest);
      return undefined;
    }
    if (row.dueAt !== undefined && row.dueAt > now) return undefined;
    await write({ ...row, dueAt: later(now, AGAIN_MS) });
    return row;
  });
}

const NOTED = { opened: 'pagedAt', closed: 'recoveryPagedAt' } as const;

/** Notes a page that is out. The row is read anew: an assessment may have changed it while the page was on its way. */
async function noteIncident(incidentId: string, about: keyof typeof NOTED, ports: PagePorts): Promise<void> {
  await retryOnConflict(async () => {
    const { dueAt: _out, ...incident } = await mustFind('incident', incidentId, ports);
    if (incident[NOTED[about]]) return;
    const at = ports.clock.now();
    const fields = factFieldsOf(incident);
    const rows: Incident[] = [{ ...incident, [NOTED[about]]: at }];
    // Another took its place while the page was on its way: that one is to tell whoever is paged that it is over.
    const last = await lastOf(incident, ports);
    if (last.incidentId !== incidentId) rows.push({ ...last, pagedSince: at });
    await ports.control.commit({
      writes: rows.map((row) => ({ entityType: 'incident', row: dueWhileOwed(row, at) })),
      facts: [newFact(oncallPaged, ports, { ...fields, about, at })],
    });
    ports.log.info('on-call paged', { ...fields, about });
  });
}

/** The last of the incidents that took each other's place: as many as there were while a page was on its way. */
async function lastOf(incident: Incident, ports: PagePorts): Promise<Incident> {
  const { followedBy } = incident;
  return followedBy === undefined ? incident : lastOf(await mustFind('incident', followedBy, ports), ports);
}
