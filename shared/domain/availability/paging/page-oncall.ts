/**
 * page-oncall: pages the right person once for an incident, keeps what channels show as it is, and tells them once that it is over.
 *
 * What is owed stands on the row that it is about: a fact makes us look at once, and the schedule finds what no channel
 * took, for as long as it is owed. Which channel took what stands on a row beside it (`page-delivery`): a channel that failed is tried
 * again, and one that took a page is not sent it again. Whoever sends claims the row first, so that nobody else sends the same
 * meanwhile, and notes it afterwards: dying in between sends the page twice, with the same ids, and never not at all.
 */

import { oncallPaged } from '../../../../events/oncall-paged';
import { misplacedRows } from '../../errors';
import { later } from '../../instants';
import { defined } from '../../optional-fields';
import { newFact } from '../../outbox/new-fact';
import { inParallel } from '../../parallel-work';
import type { Write } from '../../ports';
import { mustFind } from '../../require-row';
import { retryOnConflict } from '../../retry-on-conflict';
import { inTime } from '../../time-limit';
import { type Incident, isKeys } from '../incidents/incident';
import { factFieldsOf } from '../incidents/incident-fact-fields';
import { ONCALL } from './channel';
import { AGAIN_MS, channelsFor, notTaken, type PagePorts, readerAbout } from './oncall-channels';
import { dueWhileOwed, isClaimed, type OwedPage, owedAt } from './owed-page';
import type { PageAbout } from './page';
import { type ChannelDelivery, newDelivery, type PageDelivery } from './page-delivery';
import { pageStop, pageWarning } from './page-notice';
import { pageOf } from './page-text';
import { type Audience, nextDueAt, type PagePlan, planPages, stateHash } from './plan-pages';
import { isTaken, type Outcome, sendPages } from './send-pages';
import { tiersConcerned } from './tiers-concerned';

/** Incidents that are worked in one run; what is left is the longest due in the next one, a minute later. */
const PAGES_MAX = 200;
const CONCURRENCY = 10;

/** No page is begun later: a third of what Lambda gives the function, and the rest is for channels that are slow. */
const RUN_MS = 10_000;

/** Incidents that took each other's place: what a key goes through before somebody sees to it. */
const CHAIN_MAX = 20;

/**
 * Sends what is to be told about an incident: that it opened, what became of it, or that it is over to whoever was paged. Safe to
 * repeat, also at the same time: what was paged, or is being paged, is left alone.
 *
 * @throws KeywrightError `page.not-sent` (retry) when a page is owed and no channel took it; `state.changed-meanwhile`,
 *   `store.unreachable` (both retry), `state.not-found`.
 */
export async function pageIncident(incidentId: string, ports: PagePorts): Promise<void> {
  const claim = await claimed(incidentId, ports);
  if (!claim) return;
  const { incident, delivery } = claim;
  const [channels, heard] = await Promise.all([channelsFor(incident, ports), heardBefore(incident, ports)]);
  const audience = { channels, heard, tiers: await tiersConcerned(incident, channels, ports) };
  const now = ports.clock.now();
  const plan = planPages(incident, delivery, audience, now);
  const outcomes = await sendPages(
    ONCALL,
    plan,
    async (channel, about) => pageOf(incident, about, await readerAbout(incident, channel, ports), now),
    ports,
  );
  await noteOutcomes(claim, outcomes, { plan, audience }, ports);
  // The alert of the one whose place it took ends with it.
  if (incident.follows !== undefined) await pageIncident(incident.follows, ports);
  if (claim.owed && ![...outcomes.values()].some(isTaken)) throw notTaken(incidentId, outcomes);
}

/**
 * Tells channels that update in place what became of the open incident of a key, if there is one. Safe to repeat, and throws, as
 * `pageIncident`.
 */
export async function pageKeyChange(kmsKeyArn: string, ports: PagePorts): Promise<void> {
  const incidentId = (await ports.control.find('key-watch', kmsKeyArn))?.openIncidentId;
  if (incidentId !== undefined) await pageIncident(incidentId, ports);
}

/** Who took the opening of those that it follows and was not told that they are over. */
async function heardBefore(incident: Incident, { control }: PagePorts): Promise<ReadonlySet<string>> {
  const heard = new Set<string>();
  let { follows } = incident;
  for (let back = 0; follows !== undefined && back < CHAIN_MAX; back += 1) {
    const delivery = await control.find('page-delivery', follows);
    for (const [name, { openedAt, closedAt }] of Object.entries(delivery?.channels ?? {}))
      if (openedAt !== undefined && closedAt === undefined) heard.add(name);
    ({ follows } = (await control.find('incident', follows)) ?? {});
  }
  return heard;
}

interface Claim {
  readonly incident: Incident;
  readonly delivery: PageDelivery;
  readonly owed: OwedPage | undefined;
}

/**
 * The incident, if something about it is to be told and nobody is at it. Whatever becomes of the page, the incident is not due
 * for a while.
 */
async function claimed(incidentId: string, ports: PagePorts): Promise<Claim | undefined> {
  const { control, clock } = ports;
  return retryOnConflict(async () => {
    const [incident, found] = await Promise.all([
      mustFind('incident', incidentId, ports),
      control.find('page-delivery', incidentId),
    ]);
    const now = clock.now();
    const owed = owedAt(incident, now);
    if (isClaimed(found?.claimedUntil, now) || (owed !== undefined && isClaimed(incident.dueAt, now))) return undefined;
    if (owed === undefined && found?.dueAt === undefined) {
      const rest = dueWhileOwed(incident, now);
      if (incident.dueAt !== rest.dueAt)
        await control.commit({ writes: [{ entityType: 'incident', row: rest }], facts: [] });
      return undefined;
    }
    const claimedUntil = later(now, AGAIN_MS);
    const delivery = { ...(found ?? newDelivery(incidentId)), claimedUntil, dueAt: claimedUntil };
    const row = owed === undefined ? dueWhileOwed(incident, now) : { ...incident, dueAt: claimedUntil };
    const writes: Write[] = [{ entityType: 'page-delivery', row: delivery }];
    if (row.dueAt !== incident.dueAt) writes.push({ entityType: 'incident', row });
    await control.commit({ writes, facts: [] });
    return { incident, delivery: { ...delivery, revision: delivery.revision + 1 }, owed };
  });
}

/** The incident with the page noted; undefined where it is noted already. @param sent As it was when the page was made. */
function withNote(incident: Incident, about: OwedPage, at: string, sent: Incident): Incident | undefined {
  if (about === 'opened') return incident.pagedAt === undefined ? { ...incident, pagedAt: at } : undefined;
  if (about === 'closed')
    return incident.recoveryPagedAt === undefined ? { ...incident, recoveryPagedAt: at } : undefined;
  if (!isKeys(incident)) return undefined;
  if (about === 'deadline') return owedAt(incident, at) === about ? { ...incident, warnedAt: at } : undefined;
  if (!incident.members || !isKeys(sent) || !sent.members) return undefined;
  const { count } = sent.members;
  const { pagedCounts } = incident.members;
  if (pagedCounts.includes(count)) return undefined;
  return { ...incident, members: { ...incident.members, pagedCounts: [...pagedCounts, count] } };
}

interface Sent {
  readonly plan: PagePlan;
  readonly audience: Audience;
}

/** Notes what went out. The incident is read anew: an assessment may have changed it while its page was on the way. */
async function noteOutcomes(
  { incident: sent, delivery: before, owed }: Claim,
  outcomes: ReadonlyMap<string, Outcome>,
  { plan, audience }: Sent,
  ports: PagePorts,
): Promise<void> {
  const { control, clock, log } = ports;
  const { incidentId } = sent;
  const isOut = [...outcomes.values()].some(isTaken);
  await retryOnConflict(async () => {
    const at = clock.now();
    const incident = await mustFind('incident', incidentId, ports);
    const delivery = deliveryAfter(before, sent, outcomes, plan);
    const { dueAt: _due, ...rest } = delivery;
    // What changed meanwhile is told at once.
    const dueAt = nextDueAt(incident, delivery, audience, at);
    const writes: Write[] = [{ entityType: 'page-delivery', row: { ...rest, ...(dueAt !== undefined && { dueAt }) } }];
    const noted = owed && isOut ? withNote(incident, owed, at, sent) : undefined;
    if (!owed || !noted) return control.commit({ writes, facts: [] });

    const page = { ...factFieldsOf(incident), about: owed };
    const { dueAt: _out, ...paged } = noted;
    const rows: Incident[] = [paged];
    // Another took its place while the page was on its way: that one is to tell whoever is paged that it is over.
    const last = await lastOf(incident, ports);
    if (last.incidentId !== incidentId) rows.push({ ...last, pagedSince: at });
    await control.commit({
      writes: [...writes, ...rows.map((row): Write => ({ entityType: 'incident', row: dueWhileOwed(row, at) }))],
      facts: [newFact(oncallPaged, ports, { ...page, at })],
    });
    log.info('on-call paged', { ...page, channels: [...outcomes.keys()] });
  });
}

/** What each channel knows by now. */
function deliveryAfter(
  before: PageDelivery,
  incident: Incident,
  outcomes: ReadonlyMap<string, Outcome>,
  { pages }: PagePlan,
): PageDelivery {
  const channels: Record<string, ChannelDelivery> = { ...before.channels };
  for (const [name, outcome] of outcomes) {
    const about = pages.find(({ channel }) => channel.name === name)?.about ?? 'opened';
    const { failure: _failure, ...known } = channels[name] ?? {};
    channels[name] = isTaken(outcome)
      ? { ...known, ...knownBy(about, incident, outcome.takenAt) }
      : { ...known, failure: outcome.failure };
  }
  const [openedAt] = Object.values(channels)
    .flatMap((one) => one.openedAt ?? [])
    .sort();
  const { claimedUntil: _claim, ...rest } = before;
  return { ...rest, channels, ...(openedAt !== undefined && { openedAt }) };
}

/** What a channel knows that has just taken a page. The opening says who has it in hand, but a channel may not show that by it. */
function knownBy(about: PageAbout, incident: Incident, takenAt: string): ChannelDelivery {
  if (about === 'closed') return { closedAt: takenAt };
  return {
    ...(about === 'opened' && { openedAt: takenAt }),
    ...(about === 'acknowledged' && defined({ acknowledgedBy: incident.acknowledged?.by })),
    stateHash: stateHash(incident),
  };
}

/** The last of the incidents that took each other's place: as many as there were while a page was on its way. */
async function lastOf(incident: Incident, ports: PagePorts): Promise<Incident> {
  const { followedBy } = incident;
  return followedBy === undefined ? incident : lastOf(await mustFind('incident', followedBy, ports), ports);
}

/**
 * Sends every page that is owed and due, and looks after what was sent. Costs what is due. One that fails keeps no other back, and is
 * owed still.
 *
 * @param lateMs Only what has been due for so long.
 * @returns how many pages were owed, and rows among them about which nobody can be paged: nothing where facts arrive and
 *   channels take pages.
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function pageOwed(ports: PagePorts, lateMs = 0): Promise<number> {
  const now = later(ports.clock.now(), -lateMs);
  const leftOut: string[] = [];
  const due = <N extends 'incident' | 'retirement-stop' | 'early-warning' | 'page-delivery'>(entityType: N) =>
    ports.control.due(entityType, now, PAGES_MAX, (key) => leftOut.push(key));
  const [incidents, stops, warnings, deliveries] = await Promise.all([
    due('incident'),
    due('retirement-stop'),
    due('early-warning'),
    due('page-delivery'),
  ]);
  for (const { message, details } of misplacedRows(leftOut)) ports.log.error(message, details);
  const owed = incidents.map(({ incidentId }) => incidentId);
  const told = deliveries.map(({ incidentId }) => incidentId).filter((incidentId) => !owed.includes(incidentId));
  const pages = [
    ...owed.map((incidentId) => () => pageIncident(incidentId, ports)),
    ...stops.map((row) => () => pageStop(row.stopId, ports)),
    ...warnings.map((row) => () => pageWarning(row.warningId, ports)),
    ...told.map((incidentId) => () => pageIncident(incidentId, ports)),
  ];
  const { failed } = await inParallel(inTime(pages, RUN_MS, ports.clock), CONCURRENCY, (send) => send());
  for (const error of failed) ports.log.error('a page is not out', { reason: String(error) });
  return owed.length + stops.length + warnings.length + leftOut.length;
}
