/**
 * Pages about what is no incident: a retirement that stopped by itself, and what may take a key away soon. Each row is sent once, or once
 * a step, to the channels that are to be told of a warning; it is owed until one of them takes it.
 */
import { later } from '../../instants';
import type { Write } from '../../ports';
import { mustFind } from '../../require-row';
import { STOPPED_BY } from '../../retirement/retirement';
import { retryOnConflict } from '../../retry-on-conflict';
import type { Rows } from '../../rows';
import { openIncidentOf } from '../incidents/find-incidents';
import type { Cause } from '../verdict';
import { dueWithNextStep, type EarlyWarning, isWordOwed, type WarningKind } from '../warnings/early-warning';
import { isForTiers, ONCALL, takes } from './channel';
import { AGAIN_MS, channelsOf, notTaken, type PagePorts, readerOf } from './oncall-channels';
import type { Page } from './page';
import type { Reader } from './page-lines';
import { isTaken, sendPages } from './send-pages';
import { tiersOf } from './tiers-concerned';
import { stoppedPage, warningPage } from './warning-text';

/**
 * Tells on-call that a retirement stopped, unless a person has seen to it already. Safe to repeat, also at the same time.
 *
 * @throws KeywrightError `page.not-sent`, `state.changed-meanwhile`, `store.unreachable` (all retry), `state.not-found`.
 */
export async function pageStop(stopId: string, ports: PagePorts): Promise<void> {
  const owing: Owing<'retirement-stop'> = {
    isOwed: async ({ pagedAt, kmsKeyArn }) =>
      pagedAt === undefined && (await ports.control.find('retirement', kmsKeyArn))?.held?.by === STOPPED_BY,
    notOwed: ({ dueAt: _out, ...row }) => row,
    pageFor: stoppedPage,
  };
  await pageRow('retirement-stop', stopId, owing, ports);
}

/**
 * Tells on-call of what may take a key away soon, once and then once a step of its countdown, unless it is over, or an open incident
 * tells of it. Safe to repeat. Throws as `pageStop` does.
 */
export async function pageWarning(warningId: string, ports: PagePorts): Promise<void> {
  const now = ports.clock.now();
  const owing: Owing<'early-warning'> = {
    isOwed: async (row) => isWordOwed(row, now) && (await isStillTrue(row, ports)),
    notOwed: dueWithNextStep,
    pageFor: (row, reader) => warningPage(row, reader, now),
  };
  await pageRow('early-warning', warningId, owing, ports);
}

/** What tells of the same once a look has found it. */
const TOLD_BY: Partial<Record<WarningKind, Cause>> = {
  'material-expiring': 'key-material-expiring',
  'alias-moved': 'alias-moved',
};

async function isStillTrue(
  { kmsKeyArn, keyMaterialId, kind }: EarlyWarning,
  { control }: Pick<PagePorts, 'control'>,
): Promise<boolean> {
  const [key, watch] = await Promise.all([control.find('kms-key', kmsKeyArn), control.find('key-watch', kmsKeyArn)]);
  if (keyMaterialId !== undefined && key?.keyMaterialId !== keyMaterialId) return false;
  const incident = watch && (await openIncidentOf(watch, { control }));
  return incident === undefined || incident.cause !== TOLD_BY[kind];
}

type Noun = 'retirement-stop' | 'early-warning';

interface Owing<N extends Noun> {
  isOwed(row: Rows[N]): Promise<boolean>;
  /** The row as it is to be while no page about it is owed. */
  notOwed(row: Rows[N], now: string): Rows[N];
  pageFor(row: Rows[N], reader: Reader): Page;
}

async function pageRow<N extends Noun>(entityType: N, id: string, owing: Owing<N>, ports: PagePorts): Promise<void> {
  const row = await claimed(entityType, id, owing, ports);
  if (!row) return;
  const channels = await channelsOf(ports);
  const { customerId } = (await ports.control.find('kms-key', row.kmsKeyArn)) ?? {};
  const tiers = await tiersOf(customerId === undefined ? [] : [customerId], channels, ports);
  const taking = channels.filter(
    (channel) => takes(channel, 'warning', ports.clock.now()) && isForTiers(channel, tiers),
  );
  const first = taking.filter(({ role }) => role === 'first');
  const plan = {
    pages: first.map((channel) => ({ channel, about: 'opened' as const })),
    fallbacks: taking.filter(({ role }) => role === 'fallback'),
  };
  const outcomes = await sendPages(ONCALL, plan, (channel) => owing.pageFor(row, readerOf(channel, ports)), ports);
  if (![...outcomes.values()].some(isTaken)) throw notTaken(id, outcomes);
  await retryOnConflict(async () => {
    const now = ports.clock.now();
    const paged = { ...(await mustFind(entityType, id, ports)), pagedAt: now };
    await write(entityType, owing.notOwed(paged, now), ports);
  });
}

const write = <N extends Noun>(entityType: N, row: Rows[N], { control }: Pick<PagePorts, 'control'>): Promise<void> =>
  control.commit({ writes: [{ entityType, row } as Write], facts: [] });

/** The row, if a page about it is owed and nobody is sending it. Whatever becomes of the page, it is not due for a while. */
async function claimed<N extends Noun>(
  entityType: N,
  id: string,
  { isOwed, notOwed }: Owing<N>,
  ports: PagePorts,
): Promise<Rows[N] | undefined> {
  return retryOnConflict(async () => {
    const row = await mustFind(entityType, id, ports);
    const now = ports.clock.now();
    if (!(await isOwed(row))) {
      const rest = notOwed(row, now);
      if (row.dueAt !== rest.dueAt) await write(entityType, rest, ports);
      return undefined;
    }
    if (row.dueAt !== undefined && row.dueAt > now) return undefined;
    await write(entityType, { ...row, dueAt: later(now, AGAIN_MS) }, ports);
    return row;
  });
}
