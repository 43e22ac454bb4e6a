/** Channels, as a person reads them. */
import type { ChannelList, ShownChannel } from '../../shared/domain/api/channels';
import type { ChannelFailure } from '../../shared/domain/availability/paging/channel';
import { utc } from '../../shared/domain/instants';
import type { EndedTest } from '../operate/await-test';
import { colours } from '../output/colours';
import { printable } from '../output/printable-text';
import { wrapped } from '../output/wrapped';

/** What was added, and what to do next. */
export function showAdded(channel: ShownChannel, customer: string | undefined): string {
  const command = `keywright channel test ${channel.name}${customer === undefined ? '' : ` --customer ${customer}`}`;
  return [channelText(channel), '', `Send a test page through it: ${command}`].join('\n');
}

/** All of them, in the order in which they are tried. */
export function showChannels({ owner, channels, defaultFailing }: ChannelList): string {
  const isOncall = owner === 'oncall';
  const none = isOncall
    ? 'No channels but the on-call topic of the stack.'
    : 'No channels: notices are in the stream alone.';
  const stacks = ['default: sns, the on-call topic of the stack, where nothing else takes a page'];
  return [
    ...(channels.length === 0 ? [none] : channels.map(channelText)),
    ...(isOncall && channels.length > 0 ? stacks : []),
    ...(defaultFailing ? [failingText(defaultFailing)] : []),
  ].join('\n');
}

/** How a test ended. */
export const showTest = (name: string, { taken, failure = '' }: EndedTest): string =>
  taken
    ? `${colours.green('taken')}: channel ${name} took the test page.`
    : `${colours.red('NOT taken')}: ${printable(failure)}`;

function channelText({
  name,
  kind,
  role,
  severities,
  tiers,
  hours,
  timeZone,
  afterMinutes = 15,
  target,
  failing,
}: ShownChannel) {
  const when = hours ? `${hours.days.join(',')} ${hours.from}-${hours.to} ${timeZone}` : `at all hours, ${timeZone}`;
  const what = role === 'escalation' ? `escalation after ${afterMinutes} minutes` : role;
  const whose = tiers === undefined ? '' : `; customers of tier ${tiers.join(', ')}`;
  return [
    `${name}: ${kind}, ${what}`,
    wrapped(printable(target), '  '),
    wrapped(`${severities.join(', ')}; ${when}${whose}`, '  '),
    ...(failing ? [failingText(failing)] : []),
  ].join('\n');
}

const failingText = ({ since, reason }: ChannelFailure) =>
  wrapped(`${colours.red('failing')} since ${utc(since)}: ${printable(reason)}`, '  ');
