/**
 * page-oncall: wakes the right person once for an incident, and tells them once that it is over.
 *
 * The page goes out first and is noted afterwards: dying in between sends it twice, with the same incident id, and
 * never not at all.
 */
import type { IncidentClosed } from '../../events/incident-closed';
import type { IncidentOpened } from '../../events/incident-opened';
import { oncallPaged } from '../../events/oncall-paged';
import type { RetirementStopped } from '../../events/retirement-stopped';
import { decideAnew } from './decide-anew';
import { KeywrightError } from './errors';
import type { Incident } from './key-watch';
import { pageOf, stoppedPage } from './page-text';
import type { Clock, ControlStore, Ids, Log, Pager } from './ports';

export interface PagePorts {
  readonly control: ControlStore;
  readonly pager: Pager;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/**
 * Pages for an incident that opened. Safe to repeat: what was paged is not paged again.
 *
 * @throws KeywrightError `page.not-sent`, `state.changed-meanwhile`, `store.unreachable` (all retry), `state.not-found`.
 */
export async function pageOpened(fact: IncidentOpened, ports: PagePorts): Promise<void> {
  const incident = await incidentOf(fact.incidentId, ports);
  if (incident.pagedAt) return;
  // It came and went before anybody was woken: the record tells of it, nobody gets up for it.
  if (incident.state === 'closed')
    return ports.log.info('not paged: already over', { incidentId: incident.incidentId });

  await ports.pager.page(pageOf(incident, 'opened'));
  await note(incident.incidentId, 'pagedAt', ports);
}

/** Tells whoever was paged that it is over. Safe to repeat. Throws as `pageOpened` does. */
export async function pageClosed(fact: IncidentClosed, ports: PagePorts): Promise<void> {
  const incident = await incidentOf(fact.incidentId, ports);
  if (!incident.pagedAt || incident.recoveryPagedAt) return;

  await ports.pager.page(pageOf(incident, 'closed'));
  await note(incident.incidentId, 'recoveryPagedAt', ports);
}

/** Tells on-call that a retirement stopped. What stopped is not going on: a page that comes twice carries the same id. */
export async function pageStopped(fact: RetirementStopped, { pager }: Pick<PagePorts, 'pager'>): Promise<void> {
  await pager.page(stoppedPage(fact));
}

async function incidentOf(incidentId: string, { control }: Pick<PagePorts, 'control'>): Promise<Incident> {
  const incident = await control.find('incident', incidentId);
  if (incident) return incident;
  throw new KeywrightError('state.not-found', `There is no incident ${incidentId}.`, { incidentId });
}

/** Notes a page that is out. The row is read anew: an assessment may have changed it while the page was on its way. */
async function note(
  incidentId: string,
  noted: 'pagedAt' | 'recoveryPagedAt',
  { control, clock, ids, log }: PagePorts,
): Promise<void> {
  await decideAnew(async () => {
    const incident = await incidentOf(incidentId, { control });
    if (incident[noted]) return;
    const { kmsKeyArn, customerId, cause } = incident;
    const about = noted === 'pagedAt' ? 'opened' : 'closed';
    const at = clock.now();
    const told = { incidentId, kmsKeyArn, ...(customerId && { customerId }), about } as const;
    await control.commit({
      writes: [{ noun: 'incident', row: { ...incident, [noted]: at } }],
      facts: [oncallPaged.of({ ...told, factId: ids.next(), at })],
    });
    log.info('on-call paged', { ...told, cause });
  });
}
