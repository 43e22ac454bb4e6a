/** Adds and removes channels, and asks for a test of one. */
import { channelChanged } from '../../../../events/channel-changed';
import { channelTestRequested } from '../../../../events/channel-test-requested';
import type { Fact } from '../../../../events/define-event';
import { refusal } from '../../errors';
import { type FactPorts, newFact } from '../../outbox/new-fact';
import type { ControlStore } from '../../ports';
import { mustFind } from '../../require-row';
import { retryOnConflict } from '../../retry-on-conflict';
import type { SecretSealer } from '../ports';
import {
  CHANNELS_MAX,
  type Channel,
  channelIdOf,
  DEFAULT_CHANNEL,
  ONCALL,
  ownerOf,
  type PageChannels,
} from './channel';
import { type ChannelRequest, newChannel } from './new-channel';
import { withFailing } from './send-pages';

export interface ChannelPorts extends FactPorts {
  readonly control: ControlStore;
  readonly secrets: SecretSealer;
}

export interface NamedChannel {
  readonly name: string;
  readonly customerId?: string | undefined;
}

/**
 * Adds a channel, or replaces the one of that name. Safe to repeat: it is the same channel then.
 *
 * @throws KeywrightError `input.invalid` and `state.forbids`, naming the field; `state.not-found` for a customer that is none;
 *   `secret.not-opened` (retry).
 */
export async function addChannel(request: ChannelRequest, by: string, ports: ChannelPorts): Promise<Channel> {
  const { customerId, name } = request;
  const made = newChannel(request, by, ports.clock.now());
  if (customerId !== undefined) await mustFind('customer', customerId, ports);
  const owner = ownerOf(customerId);
  const secret =
    request.secret === undefined ? undefined : await ports.secrets.seal(request.secret, channelIdOf(owner, name));
  const channel: Channel = { ...made, ...(secret && { secret }) };
  return change(request, ports, (row) => {
    const others = row.channels.filter((one) => one.name !== name);
    if (others.length >= CHANNELS_MAX)
      throw refusal('state.forbids', 'name', `there are ${CHANNELS_MAX} channels already. Remove one first.`);
    const fact = newFact(channelChanged, ports, { ...of(request), kind: made.kind, change: 'added', changedBy: by });
    return { row: { ...withoutFailure(row, name), channels: [...others, channel] }, fact, channel };
  });
}

/**
 * Removes a channel. What it shows of open incidents stays there. Not safe to repeat: it is gone.
 *
 * @throws KeywrightError `state.not-found`, `state.forbids`, naming `name`.
 */
export async function removeChannel(which: NamedChannel, by: string, ports: ChannelPorts): Promise<Channel> {
  refuseDefault(which, 'be removed');
  return change(which, ports, (row) => {
    const removed = channelIn(row, which);
    const { name, kind } = removed;
    const fact = newFact(channelChanged, ports, { ...of(which), kind, change: 'removed', changedBy: by });
    const channels = row.channels.filter((one) => one !== removed);
    return { row: { ...withoutFailure(row, name), channels }, fact, channel: removed };
  });
}

/**
 * Asks for a test page; `sendTestPage` sends it, by the way that every page takes. Each call is another test.
 *
 * @returns the test’s id: the channel’s row says how it went.
 * @throws KeywrightError `state.not-found`, `state.forbids`, naming `name`.
 */
export async function requestChannelTest(which: NamedChannel, ports: ChannelPorts): Promise<string> {
  refuseDefault(which, 'be tested so: publish to the topic, or wait for a page');
  const owner = ownerOf(which.customerId);
  const testId = ports.ids.next();
  await change(which, ports, (row) => {
    const tested = channelIn(row, which);
    const test = { testId, requestedAt: ports.clock.now() };
    const channels = row.channels.map((one) => (one === tested ? { ...one, test } : one));
    const fact = newFact(channelTestRequested, ports, { owner, channel: which.name, testId });
    return { row: { ...row, channels }, fact, channel: tested };
  });
  return testId;
}

interface Changed {
  readonly row: PageChannels;
  readonly fact: Fact;
  /** The one that it is about. */
  readonly channel: Channel;
}

async function change(
  { customerId }: Pick<NamedChannel, 'customerId'>,
  { control }: ChannelPorts,
  decide: (row: PageChannels) => Changed,
): Promise<Channel> {
  const owner = ownerOf(customerId);
  const none: PageChannels = { owner, ...(customerId !== undefined && { customerId }), channels: [], revision: 0 };
  return retryOnConflict(async () => {
    const { row, fact, channel } = decide((await control.find('page-channels', owner)) ?? none);
    await control.commit({ writes: [{ entityType: 'page-channels', row }], facts: [fact] });
    return channel;
  });
}

const of = ({ customerId, name }: NamedChannel) => ({
  ...(customerId !== undefined && { customerId }),
  channel: name,
});

/** What is not there any more, or is another one, fails no more. */
function withoutFailure(row: PageChannels, name: string): PageChannels {
  const { [name]: _failure, ...failing } = row.failing ?? {};
  return withFailing(row, failing);
}

function channelIn({ channels }: PageChannels, { name, customerId }: NamedChannel): Channel {
  const found = channels.find((one) => one.name === name);
  if (found) return found;
  const whose = customerId === undefined ? 'on-call has' : `customer ${customerId} has`;
  throw refusal(
    'state.not-found',
    'name',
    `${whose} no channel ${name}. List those that there are: keywright channel list`,
  );
}

function refuseDefault({ name, customerId }: NamedChannel, what: string): void {
  if (name === DEFAULT_CHANNEL && customerId === undefined)
    throw refusal('state.forbids', 'name', `${DEFAULT_CHANNEL} is the on-call topic of the stack: it cannot ${what}.`);
}

/** The channels of an owner; none where nobody added any. */
export async function channelsOwned(
  customerId: string | undefined,
  { control }: Pick<ChannelPorts, 'control'>,
): Promise<PageChannels> {
  if (customerId !== undefined) await mustFind('customer', customerId, { control });
  const owner = customerId === undefined ? ONCALL : ownerOf(customerId);
  return (await control.find('page-channels', owner)) ?? { owner, channels: [], revision: 0 };
}
