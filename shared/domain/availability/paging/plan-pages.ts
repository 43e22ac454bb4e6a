/** Which pages about an incident are to be sent to which channels now: decided from rows alone, and the same however often. */
import { later, MINUTE_MS } from '../../instants';
import { stableHash } from '../../stable-hash';
import { type Incident, isOperators, isOver } from '../incidents/incident';
import { severityOf } from '../incidents/severity';
import {
  type Channel,
  channelIdOf,
  DEFAULT_CHANNEL,
  ESCALATION_MINUTES_DEFAULT,
  isForTiers,
  isUpdating,
  ONCALL,
  takes,
} from './channel';
import { owedAt, pagedSince } from './owed-page';
import type { PageAbout } from './page';
import type { ChannelDelivery, PageDelivery } from './page-delivery';

export interface PlannedPage {
  readonly channel: Channel;
  readonly about: PageAbout;
}

export interface PagePlan {
  readonly pages: readonly PlannedPage[];
  /** One after the other until one takes the opening, where one of the pages that open is not taken, or there is none. */
  readonly fallbacks: readonly Channel[];
}

/** What is so is compared with what channels know so often while an incident is open, whatever fact was lost. */
export const REVIEW_MS = 15 * MINUTE_MS;

/** Channels that fail are tried again after so long: in the next run of the schedule. */
export const RETRY_MS = MINUTE_MS;

/** A channel that does not take for a day that an incident is over is not told any more. */
const CLOSING_MS = 24 * 60 * MINUTE_MS;

/** Who there is to be told. */
export interface Audience {
  /** On-call’s, the stack’s own last. */
  readonly channels: readonly Channel[];
  /** Names of channels that took the opening of an incident that this one follows. */
  readonly heard: ReadonlySet<string>;
  /** See `tiersConcerned`. Who was told that it opened is told the rest, whatever tier it is for by now. */
  readonly tiers: readonly string[] | undefined;
}

/** Safe to repeat: nothing is changed. @param now Decides hours and escalations. */
export function planPages(incident: Incident, delivery: PageDelivery, audience: Audience, now: string): PagePlan {
  const { channels, heard } = audience;
  if (isOver(incident)) return { pages: planClosed(incident, delivery, channels, heard), fallbacks: [] };
  // A key that is back only just: nobody else is woken for it.
  if (incident.state === 'recovering') return { pages: wordsOf(incident, delivery, channels, now), fallbacks: [] };
  return planOpen(incident, delivery, audience, now);
}

function planOpen(incident: Incident, delivery: PageDelivery, { channels, tiers }: Audience, now: string): PagePlan {
  const severity = severityOf(incident);
  const of = ({ name }: Channel): ChannelDelivery => delivery.channels[name] ?? {};
  const taking = channels.filter((channel) => takes(channel, severity, now) && isForTiers(channel, tiers));
  const first = taking
    .filter(({ role }) => role === 'first')
    .concat(taking.filter(isEscalated(incident, delivery, now)));
  // That a channel fails is told by another, whether or not that one takes a page again.
  const isAlone = first.length > 0 && first.every((channel) => isAbout(incident, channel));
  const wanted = isAlone ? taking.filter(({ role }) => role !== 'escalation') : first;
  const fallbacks = taking.filter((channel) => channel.role === 'fallback' && !wanted.includes(channel));
  const opening = wanted.filter((channel) => of(channel).openedAt === undefined);
  const isCovered = fallbacks.some((channel) => of(channel).openedAt !== undefined);
  const isNeeded = opening.length > 0 || wanted.length === 0;
  return {
    pages: [
      ...opening.map((channel) => ({ channel, about: 'opened' as const })),
      ...wordsOf(incident, delivery, channels, now),
    ],
    fallbacks: isNeeded && !isCovered ? fallbacks : [],
  };
}

const isAbout = (incident: Incident, { name }: Channel): boolean =>
  isOperators(incident) && incident.trouble === 'channel-failing' && incident.subject === channelIdOf(ONCALL, name);

/** To everybody who was paged, where there is a word for them; else to who shows the incident. A word is owed until one takes it. */
function wordsOf(
  incident: Incident,
  delivery: PageDelivery,
  channels: readonly Channel[],
  now: string,
): readonly PlannedPage[] {
  const about = owedAt(incident, now);
  if (about !== 'grown' && about !== 'deadline') return updatesOf(incident, delivery, channels);
  const told = channels.filter(({ name }) => delivery.channels[name]?.openedAt !== undefined);
  return told.map((channel) => ({ channel, about }));
}

/** To channels that show the incident, and do not show it as it is. */
const updatesOf = (
  incident: Incident,
  { channels: known }: PageDelivery,
  channels: readonly Channel[],
): readonly PlannedPage[] =>
  channels
    .filter((channel) => isUpdating(channel) && known[channel.name]?.openedAt !== undefined)
    .flatMap((channel) => {
      const about = changeSince(known[channel.name] ?? {}, incident);
      return about ? [{ channel, about }] : [];
    });

/** That somebody has it in hand is told once, with whatever else changed by then. */
function changeSince(known: ChannelDelivery, incident: Incident): 'acknowledged' | 'updated' | undefined {
  const by = incident.acknowledged?.by;
  if (by !== undefined && by !== known.acknowledgedBy) return 'acknowledged';
  return known.stateHash === stateHash(incident) ? undefined : 'updated';
}

/** Who took the opening, or that of an incident whose place this one took. Nobody is known of an older build’s: the stack’s own. */
function planClosed(
  incident: Incident,
  delivery: PageDelivery,
  channels: readonly Channel[],
  heard: ReadonlySet<string>,
): readonly PlannedPage[] {
  const took = channels.filter(({ name }) => delivery.channels[name]?.openedAt !== undefined || heard.has(name));
  const isOlder = took.length === 0 && pagedSince(incident) !== undefined;
  const told = isOlder ? channels.filter(({ name }) => name === DEFAULT_CHANNEL) : took;
  return told
    .filter((channel) => delivery.channels[channel.name]?.closedAt === undefined)
    .filter((channel) => (incident.followedBy === undefined ? true : isOwnAlert(channel, delivery)))
    .map((channel) => ({ channel, about: 'closed' as const }));
}

/** The alert of an incident whose place another took ends with it, although the last of them tells people that it is over. */
const isOwnAlert = (channel: Channel, { channels }: PageDelivery): boolean =>
  isUpdating(channel) && channels[channel.name]?.openedAt !== undefined;

/** Once a step: a channel that took the opening takes no other. */
const isEscalated = (incident: Incident, delivery: PageDelivery, now: string) => (channel: Channel) => {
  const at = escalationAt(channel, incident, delivery);
  return at !== undefined && at <= now;
};

function escalationAt(channel: Channel, incident: Incident, { openedAt }: PageDelivery): string | undefined {
  const { role, afterMinutes = ESCALATION_MINUTES_DEFAULT } = channel;
  const isWaiting = incident.acknowledged === undefined && severityOf(incident) === 'critical';
  if (role !== 'escalation' || !isWaiting || openedAt === undefined) return undefined;
  return later(openedAt, afterMinutes * MINUTE_MS);
}

/** When there is something to do next about an incident whose pages were sent just now; undefined: nothing any more. */
export function nextDueAt(
  incident: Incident,
  delivery: PageDelivery,
  audience: Audience,
  now: string,
): string | undefined {
  const left = planPages(incident, delivery, audience, now);
  const retryAt = left.pages.length > 0 ? later(now, RETRY_MS) : undefined;
  if (isOver(incident)) {
    const endedAt = incident.recoveredAt ?? incident.outOfUseAt ?? incident.detectedAt;
    return retryAt !== undefined && retryAt < later(endedAt, CLOSING_MS) ? retryAt : undefined;
  }
  const escalations = audience.channels.flatMap((channel) => {
    if (!isForTiers(channel, audience.tiers)) return [];
    const at = escalationAt(channel, incident, delivery);
    return at !== undefined && at > now && delivery.channels[channel.name]?.openedAt === undefined ? [at] : [];
  });
  return [later(now, REVIEW_MS), ...escalations, ...(retryAt === undefined ? [] : [retryAt])].sort()[0];
}

/**
 * What a channel that updates is told of an open incident, as one number: another one is to be told. That its key is back only just is
 * none of it: a key that comes and goes would tell each time.
 */
export const stateHash = (incident: Incident): number => stableHash(JSON.stringify(stateOf(incident)));

function stateOf(incident: Incident): readonly unknown[] {
  if (isOperators(incident)) return [incident.keyCount];
  const { cause, party, lost, recoverableUntil, members, actedBy } = incident;
  // By its members: a table gives those of a map in any order.
  const act = actedBy ? [actedBy.operation, actedBy.at, actedBy.by, actedBy.accountId] : [];
  return [cause, party, lost, recoverableUntil, members?.count, ...act];
}
