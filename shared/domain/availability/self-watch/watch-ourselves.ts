/**
 * watch-ourselves: looks every minute for trouble of our own, and opens and closes its incidents.
 *
 * Who watches this one is outside: an alarm on the metric that it counts in every run, by ways that no page takes.
 */
import { relayCanary } from '../../../../events/relay-canary';
import { elapsedMs, MINUTE_MS } from '../../instants';
import { newFact } from '../../outbox/new-fact';
import { beat } from './beat';
import { findBlindRegions } from './find-blind-regions';
import { findDisabledSubscriptions } from './find-disabled-subscriptions';
import { findFailingChannels } from './find-failing-channels';
import { findLateNotices } from './find-late-notices';
import { findLatePages, findSilentForwarders, findSilentFunctions, latePages } from './find-silence';
import type { Finder } from './finder';
import { BEATING, OURSELVES } from './heartbeat';
import { forgetIgnored } from './note-ignored';
import { type ReconcilePorts, reconcileTroubles } from './reconcile-troubles';

const FINDERS: readonly Finder[] = [findBlindRegions, findDisabledSubscriptions, findFailingChannels, findLateNotices];
const OF_SILENCE: readonly Finder[] = [findSilentFunctions, findLatePages, findSilentForwarders];

/** Whoever did not look for so long was away itself, as all others may have been: they get their turn before they are judged. */
const AWAY_MS = 3 * MINUTE_MS;

/** A canary that comes back later was not relayed by the stream: what it lost is published after a minute. */
const ROUND_TRIP_MS = 45_000;

/**
 * One round. Safe to repeat, also at the same time. What one finder cannot find out keeps no other from its own: it is
 * neither opened nor closed.
 *
 * @returns how many pages are late: nothing where pages are sent.
 * @throws KeywrightError `store.unreachable` (retry) of the first that failed, after the others.
 */
export async function watchOurselves(ports: ReconcilePorts): Promise<number> {
  const finders = (await wereAway(ports)) ? FINDERS : [...FINDERS, ...OF_SILENCE];
  await startClocks(ports);
  await beat(OURSELVES, ports);
  const rounds = await Promise.allSettled([
    sendCanary(ports),
    forgetIgnored(ports),
    ...finders.map((finder) => reconcile(finder, ports)),
  ]);
  for (const round of rounds) if (round.status === 'rejected') throw round.reason;
  return (await latePages(ports)).length;
}

async function wereAway({ control, clock }: ReconcilePorts): Promise<boolean> {
  const before = await control.find('heartbeat', OURSELVES);
  return before !== undefined && Math.abs(elapsedMs(before.lastAt, clock.now())) > AWAY_MS;
}

async function reconcile({ speaksFor, find }: Finder, ports: ReconcilePorts): Promise<void> {
  await reconcileTroubles({ speaksFor, ...(await find(ports)) }, ports);
}

/** A fact that does nothing but come back: through outbox, relay, bus and queue. */
const sendCanary = (ports: ReconcilePorts) =>
  ports.control.commit({ writes: [], facts: [newFact(relayCanary, ports, {})] });

/** The canary came back in time: facts are relayed as they are committed. Safe to repeat. */
export async function canaryReturned({ at }: { readonly at: string }, ports: ReconcilePorts): Promise<void> {
  if (elapsedMs(at, ports.clock.now()) <= ROUND_TRIP_MS) await beat('relay-facts', ports);
}

/** Of a function that has never run, silence counts from now on. */
async function startClocks(ports: ReconcilePorts): Promise<void> {
  const rows = await Promise.all(BEATING.map((name) => ports.control.find('heartbeat', name)));
  await Promise.all(BEATING.filter((_, at) => rows[at] === undefined).map((name) => beat(name, ports)));
}
