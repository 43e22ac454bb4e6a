/** Sends the same matter to several channels, and to a fallback where one of them does not take it. */
import { elapsedMs } from '../../instants';
import type { Clock, ControlStore, Log } from '../../ports';
import { retryOnConflict } from '../../retry-on-conflict';
import type { Pagers, SecretOpener } from '../ports';
import {
  type Channel,
  type ChannelFailure,
  channelIdOf,
  DEFAULT_CHANNEL,
  defaultChannel,
  type PageChannels,
} from './channel';
import type { Page, PageAbout } from './page';
import type { PagePlan } from './plan-pages';

export interface SendPorts {
  readonly control: ControlStore;
  readonly pagers: Pagers;
  readonly secrets: SecretOpener;
  readonly clock: Clock;
  readonly log: Log;
}

/** How a page to a channel ended. */
export type Outcome = { readonly takenAt: string } | { readonly failure: string };

/** Whether the channel took the page. */
export const isTaken = (outcome: Outcome | undefined): outcome is { readonly takenAt: string } =>
  outcome !== undefined && 'takenAt' in outcome;

/** Fallbacks that are slow, too, make room for the last one: all of a page fits into half of what Lambda gives the function. */
const FALLBACKS_MS = 6_000;

/**
 * Sends what is planned, all at once; then fallbacks in their order, until one takes the page, where one that opens was not taken or
 * there was none. Which channels fail is noted on their row, as well as it can be. Never throws for a channel. Safe to repeat: a channel
 * is sent the same page with the same ids.
 *
 * @returns how each page ended, by the name of its channel.
 */
export async function sendPages(
  owner: string,
  plan: PagePlan,
  pageFor: (channel: Channel, about: PageAbout) => Page | Promise<Page>,
  ports: SendPorts,
): Promise<ReadonlyMap<string, Outcome>> {
  const begunAt = ports.clock.now();
  const outcomes = new Map<string, Outcome>();
  const send = async (channel: Channel, about: PageAbout) =>
    void outcomes.set(channel.name, await outcomeOf(owner, channel, () => pageFor(channel, about), ports));
  await Promise.all(plan.pages.map(({ channel, about }) => send(channel, about)));
  const opening = plan.pages.filter(({ about }) => about === 'opened');
  if (opening.length === 0 || opening.some(({ channel }) => !isTaken(outcomes.get(channel.name)))) {
    for (const channel of plan.fallbacks) {
      const isLate = elapsedMs(begunAt, ports.clock.now()) > FALLBACKS_MS;
      if (isLate && channel.name !== DEFAULT_CHANNEL) continue;
      await send(channel, 'opened');
      if (isTaken(outcomes.get(channel.name))) break;
    }
  }
  await noteHealth(owner, outcomes, ports);
  return outcomes;
}

async function outcomeOf(
  owner: string,
  channel: Channel,
  pageOf: () => Page | Promise<Page>,
  ports: SendPorts,
): Promise<Outcome> {
  const { name, kind, target, secret: sealed } = channel;
  // What cannot be put into words is a bug, and no fault of the channel.
  const page = await pageOf();
  try {
    const secret = sealed && (await ports.secrets.open(sealed, channelIdOf(owner, name)));
    await ports.pagers[kind].page(page, { target, ...(secret !== undefined && { secret }) });
    return { takenAt: ports.clock.now() };
  } catch (error) {
    const failure = error instanceof Error ? error.message : 'an error';
    const { incidentId, about } = page;
    ports.log.warn('a channel did not take a page', { owner, channel: name, kind, incidentId, about, reason: failure });
    return { failure };
  }
}

/** Of an owner with no channel of their own only the stack’s is noted, while it fails. */
async function noteHealth(owner: string, outcomes: ReadonlyMap<string, Outcome>, ports: SendPorts): Promise<void> {
  const { control, clock, log } = ports;
  try {
    await retryOnConflict(async () => {
      const row = (await control.find('page-channels', owner)) ?? { owner, channels: [], revision: 0 };
      const after = withHealth(row, outcomes, clock.now());
      if (after !== row) await control.commit({ writes: [{ entityType: 'page-channels', row: after }], facts: [] });
    });
  } catch (error) {
    log.warn('which channels fail is not noted', { owner, reason: String(error) });
  }
}

function withHealth(row: PageChannels, outcomes: ReadonlyMap<string, Outcome>, now: string): PageChannels {
  // A map: names are people's, and `constructor` is one.
  const before = new Map(Object.entries(row.failing ?? {}));
  const failing = new Map(before);
  for (const [name, outcome] of outcomes) {
    if (isTaken(outcome)) failing.delete(name);
    else if (!failing.has(name)) failing.set(name, { since: now, reason: outcome.failure });
  }
  const isSame = before.size === failing.size && [...before.keys()].every((name) => failing.has(name));
  return isSame ? row : withFailing(row, Object.fromEntries(failing));
}

/** The row with these channels failing, found among what is due while there is one. */
export function withFailing(row: PageChannels, failing: Readonly<Record<string, ChannelFailure>>): PageChannels {
  const { failing: _before, dueAt: _due, ...rest } = row;
  const [dueAt] = Object.values(failing)
    .map(({ since }) => since)
    .sort();
  return dueAt === undefined ? rest : { ...rest, failing, dueAt };
}

/** On-call’s channels in the order in which they are tried, the stack’s own last. */
export const withDefault = (row: PageChannels | undefined, topicArn: string): readonly Channel[] => [
  ...(row?.channels ?? []),
  defaultChannel(topicArn),
];
