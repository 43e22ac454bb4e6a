/**
 * tell-customers: tells each customer whom an incident concerns, and tells them when it is over; also those of a shared key, each of
 * theirs alone.
 *
 * Their stream has it by the fact that is committed with the notice; a channel of theirs is sent it besides, again and again for a day.
 * Hundreds of customers of one key are written in batches and sent by due date: who cannot be reached keeps no other.
 */
import { customerNotified } from '../../../../events/customer-notified';
import { elapsedMs, later, MINUTE_MS } from '../../instants';
import { transition } from '../../legal-moves';
import { defined } from '../../optional-fields';
import { newFact } from '../../outbox/new-fact';
import type { Ids, Write } from '../../ports';
import { mustFind, notRegistered } from '../../require-row';
import { retryOnConflict } from '../../retry-on-conflict';
import { noticeKey, roundKey } from '../../rows';
import { effectiveLevel, noticeDueOf } from '../../service-levels/service-level';
import { workDue } from '../../work-due-rows';
import { isKeys, type KeyIncident } from '../incidents/incident';
import { severityOf } from '../incidents/severity';
import { ownerOf, takes } from '../paging/channel';
import { isTaken, type SendPorts, sendPages } from '../paging/send-pages';
import { type CustomerNotice, NOTICE_MOVES, type NoticeAbout, type NoticeRound } from './customer-notice';
import { noticePage } from './notice-text';

export interface TellPorts extends SendPorts {
  readonly ids: Ids;
}

/** A row and a fact each, and the round, in one transaction of at most 90. */
const TOGETHER = 40;
/** How many data stores a notice names. */
const NAMED_MAX = 50;
/** What is worked in one run, and no later than this; what is left is the longest due in the next one. */
const ROUNDS = { max: 200, concurrency: 1, forMs: 10_000 };
const NOTICES = { max: 200, concurrency: 10, forMs: 10_000 };
/** A channel that takes nothing is tried more and more seldom, up to this, and no more after a day. */
const AGAIN_MINUTES_MAX = 30;
const OWED_MS = 24 * 60 * MINUTE_MS;

/**
 * Writes what everybody who is concerned is to be told of the incident as it is, and sends what is owed. Safe to repeat: who has a
 * notice gets no other. What came and went before anybody was told is told to nobody.
 *
 * @throws KeywrightError `state.not-found`; `state.changed-meanwhile`, `store.unreachable` (both retry).
 */
export async function tellCustomers(incidentId: string, ports: TellPorts): Promise<void> {
  const incident = await mustFind('incident', incidentId, ports);
  // Trouble of our own concerns customers by the keys that it takes from them.
  if (!isKeys(incident)) return tellOwed(ports);
  const opened = await ports.control.find('notice-round', roundKey(incidentId, 'opened'));
  // One that is back only just may be lost again, and no fact tells of that.
  if (incident.state !== 'closed' || opened) await writeRound(incident, 'opened', ports);
  // Of one whose place another took they are told by that one.
  if (incident.state === 'closed' && opened && incident.followedBy === undefined)
    await writeRound(incident, 'closed', ports);
  await tellOwed(ports);
}

/**
 * Goes on with rounds that are not complete, and sends the notices that are due. Costs what is due. Safe to repeat; a notice that is
 * sent at the same time by two is sent twice, with the same ids.
 *
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function tellOwed(ports: TellPorts): Promise<void> {
  const rounds = await workDue('notice-round', ROUNDS, (round) => resume(round, ports), ports);
  const notices = await workDue('customer-notice', NOTICES, (notice) => send(notice, ports), ports);
  for (const error of [...rounds.failed, ...notices.failed])
    ports.log.error('a notice is not out', { reason: String(error) });
  for (const some of byRound(notices.succeeded)) await settle(some, ports);
}

const resume = async ({ incidentId, about }: NoticeRound, ports: TellPorts): Promise<void> =>
  writeRound(await keyIncidentOf(incidentId, ports), about, ports);

/** Notices are written about incidents of keys alone. */
async function keyIncidentOf(incidentId: string, { control }: TellPorts): Promise<KeyIncident> {
  const incident = await control.find('incident', incidentId);
  if (incident && isKeys(incident)) return incident;
  throw notRegistered('incident', incidentId);
}

interface Concerned {
  readonly customerId: string;
  readonly dataStores: readonly string[];
  readonly dataStoreCount: number;
}

async function writeRound(incident: KeyIncident, about: NoticeAbout, ports: TellPorts): Promise<void> {
  const { control } = ports;
  const id = roundKey(incident.incidentId, about);
  const round = await control.find('notice-round', id);
  if (round?.isComplete) return;
  const concerned = [...(await concernedBy(incident, about, ports)).values()];
  for (let at = 0; at < concerned.length; at += TOGETHER)
    await writeSome(incident, about, concerned.slice(at, at + TOGETHER), ports);
  await retryOnConflict(async () => {
    const { dueAt: _due, ...row } = (await control.find('notice-round', id)) ?? newRound(incident.incidentId, about);
    await commitRound({ ...row, isComplete: true }, [], [], ports);
  });
}

const newRound = (incidentId: string, about: NoticeAbout): NoticeRound => ({
  incidentId,
  about,
  noticeCount: 0,
  toldCount: 0,
  isComplete: false,
  revision: 0,
});

/** Whose data stores name the key; of its end also those whose do no more. The indexes may be behind: `newNotice` reads rows. */
async function concernedBy(
  { kmsKeyArn, incidentId }: KeyIncident,
  about: NoticeAbout,
  { control }: TellPorts,
): Promise<ReadonlyMap<string, Concerned>> {
  const concerned = new Map<string, Concerned>();
  for await (const { customerId, dataStoreId } of control.ofKmsKey('data-store', kmsKeyArn)) {
    const { dataStores, dataStoreCount } = concerned.get(customerId) ?? { dataStores: [], dataStoreCount: 0 };
    const named = dataStores.length < NAMED_MAX ? [...dataStores, dataStoreId] : dataStores;
    concerned.set(customerId, { customerId, dataStores: named, dataStoreCount: dataStoreCount + 1 });
  }
  if (about === 'opened') return concerned;
  for await (const notice of control.ofKmsKey('customer-notice', kmsKeyArn))
    if (notice.incidentId === incidentId) concerned.set(notice.customerId, notice);
  return concerned;
}

/** A notice for each who has none yet, with the fact that tells their stream. */
async function writeSome(
  incident: KeyIncident,
  about: NoticeAbout,
  concerned: readonly Concerned[],
  ports: TellPorts,
): Promise<void> {
  const { control, clock } = ports;
  await retryOnConflict(async () => {
    const round =
      (await control.find('notice-round', roundKey(incident.incidentId, about))) ??
      newRound(incident.incidentId, about);
    const now = clock.now();
    const made = await Promise.all(concerned.map((one) => newNotice(incident, about, one, now, ports)));
    const notices = made.filter((notice) => notice !== undefined);
    if (notices.length === 0) return;
    const key = await control.find('kms-key', incident.kmsKeyArn);
    const facts = notices.map((notice) =>
      newFact(customerNotified, ports, {
        incidentId: incident.incidentId,
        customerId: notice.customerId,
        kmsKeyArn: key?.customerId === notice.customerId ? incident.kmsKeyArn : undefined,
        about,
        cause: incident.cause,
        party: incident.party,
        dataStoreCount: notice.dataStoreCount,
        dataStores: [...notice.dataStores],
      }),
    );
    const told = notices.filter(({ state }) => state === 'recorded').length;
    const row = {
      ...round,
      noticeCount: round.noticeCount + notices.length,
      toldCount: round.toldCount + told,
      ...(told > 0 && { lastToldAt: now }),
      dueAt: later(now, MINUTE_MS),
    };
    const writes = notices.map((notice): Write => ({ entityType: 'customer-notice', row: notice }));
    await commitRound(row, writes, facts, ports);
  });
}

/** Undefined for who has one already; and of the end for who was never told that it began. */
async function newNotice(
  incident: KeyIncident,
  about: NoticeAbout,
  { customerId, dataStores, dataStoreCount }: Concerned,
  now: string,
  { control }: TellPorts,
): Promise<CustomerNotice | undefined> {
  const { incidentId, kmsKeyArn } = incident;
  const noticeOf = (of: NoticeAbout) =>
    control.find('customer-notice', noticeKey({ incidentId, customerId, about: of }));
  const [found, opened, owned, level] = await Promise.all([
    noticeOf(about),
    noticeOf('opened'),
    control.find('page-channels', ownerOf(customerId)),
    control.find('service-level', customerId),
  ]);
  if (found || (about === 'closed' && !opened)) return undefined;
  const noticeDueAt = about === 'opened' ? noticeDueOf(effectiveLevel(level).terms, incident.signalledAt) : undefined;
  const isTold = !owned?.channels.some((channel) => takes(channel, severityOf(incident), now));
  return transition(NOTICE_MOVES, undefined, {
    incidentId,
    customerId,
    kmsKeyArn,
    about,
    state: isTold ? 'recorded' : 'owed',
    dataStores,
    dataStoreCount,
    createdAt: now,
    attempts: 0,
    ...defined({ noticeDueAt }),
    ...(isTold ? { toldAt: now } : { dueAt: now }),
    revision: 0,
  });
}

/** Once everybody is told that an incident began, it says so itself: by when the last of them was. */
async function commitRound(
  round: NoticeRound,
  writes: readonly Write[],
  facts: Parameters<TellPorts['control']['commit']>[0]['facts'],
  { control }: TellPorts,
): Promise<void> {
  const { isComplete, toldCount, noticeCount, lastToldAt, about, incidentId } = round;
  const isTold = about === 'opened' && isComplete && toldCount === noticeCount && lastToldAt !== undefined;
  const incident = isTold ? await control.find('incident', incidentId) : undefined;
  const told: readonly Write[] =
    incident && lastToldAt !== undefined && incident.customerToldAt === undefined
      ? [{ entityType: 'incident', row: { ...incident, customerToldAt: lastToldAt } }]
      : [];
  await control.commit({ writes: [{ entityType: 'notice-round', row: round }, ...writes, ...told], facts });
}

/** The notice as it is after an attempt. */
async function send(notice: CustomerNotice, ports: TellPorts): Promise<CustomerNotice> {
  const { control, clock } = ports;
  const owner = ownerOf(notice.customerId);
  const [incident, owned, key] = await Promise.all([
    keyIncidentOf(notice.incidentId, ports),
    control.find('page-channels', owner),
    control.find('kms-key', notice.kmsKeyArn),
  ]);
  const taking = (owned?.channels ?? []).filter((channel) => takes(channel, severityOf(incident), clock.now()));
  const plan = {
    pages: taking.filter(({ role }) => role === 'first').map((channel) => ({ channel, about: notice.about })),
    fallbacks: taking.filter(({ role }) => role === 'fallback'),
  };
  const isTheirs = key?.customerId === notice.customerId;
  const outcomes = await sendPages(
    owner,
    plan,
    ({ timeZone }) => noticePage(notice, incident, { isTheirs, timeZone }),
    ports,
  );
  const now = clock.now();
  const { dueAt: _due, ...rest } = notice;
  if ([...outcomes.values()].some(isTaken))
    return transition(NOTICE_MOVES, notice, { ...rest, state: 'sent', toldAt: now });
  if (taking.length === 0 || elapsedMs(notice.createdAt, now) > OWED_MS)
    return transition(NOTICE_MOVES, notice, { ...rest, state: 'recorded', toldAt: now });
  const attempts = notice.attempts + 1;
  return { ...rest, attempts, dueAt: later(now, Math.min(attempts, AGAIN_MINUTES_MAX) * MINUTE_MS) };
}

function byRound(notices: readonly CustomerNotice[]): readonly (readonly CustomerNotice[])[] {
  const rounds = new Map<string, CustomerNotice[][]>();
  for (const notice of notices) {
    const id = roundKey(notice.incidentId, notice.about);
    const chunks = rounds.get(id) ?? [];
    rounds.set(id, chunks);
    const last = chunks.at(-1);
    if (last && last.length < TOGETHER) last.push(notice);
    else chunks.push([notice]);
  }
  return [...rounds.values()].flat();
}

/** Notes what became of notices of one round. Those that somebody else noted meanwhile are left as they are. */
async function settle(notices: readonly CustomerNotice[], ports: TellPorts): Promise<void> {
  const [{ incidentId, about } = { incidentId: '', about: 'opened' as const }] = notices;
  await retryOnConflict(async () => {
    const round = await ports.control.find('notice-round', roundKey(incidentId, about));
    const now = await Promise.all(notices.map((one) => ports.control.find('customer-notice', noticeKey(one))));
    const still = notices.filter(({ revision }, at) => now[at]?.revision === revision);
    if (!round || still.length === 0) return;
    const told = still.flatMap(({ toldAt }) => toldAt ?? []).sort();
    const lastToldAt = told.at(-1);
    const row = { ...round, toldCount: round.toldCount + told.length, ...(lastToldAt !== undefined && { lastToldAt }) };
    await commitRound(
      row,
      still.map((notice): Write => ({ entityType: 'customer-notice', row: notice })),
      [],
      ports,
    );
  });
}
