/** send-test-page: a page that says that it is a test, by the way that every page takes. */
import type { ChannelTestRequested } from '../../../../events/channel-test-requested';
import { retryOnConflict } from '../../retry-on-conflict';
import type { Channel, PageChannels } from './channel';
import { localTime } from './local-time';
import type { Page } from './page';
import { isTaken, type SendPorts, sendPages } from './send-pages';

/**
 * Sends the test that was asked for, and notes how it went. Safe to repeat: one that has ended is not sent again. Whoever dies in
 * between sends it twice, with the same ids.
 *
 * @throws KeywrightError `state.changed-meanwhile`, `store.unreachable` (both retry).
 */
export async function sendTestPage(
  { owner, channel: name, testId }: ChannelTestRequested,
  ports: SendPorts,
): Promise<void> {
  const { control, clock } = ports;
  const row = await control.find('page-channels', owner);
  const channel = row && pendingIn(row, name, testId);
  if (!channel) return;
  const plan = { pages: [{ channel, about: 'test' as const }], fallbacks: [] };
  const outcome = (await sendPages(owner, plan, () => testPage(owner, channel, testId, clock.now()), ports)).get(name);
  const failure = outcome && !isTaken(outcome) ? outcome.failure : undefined;
  await retryOnConflict(async () => {
    const now = await control.find('page-channels', owner);
    const tested = now && pendingIn(now, name, testId);
    if (!now || !tested?.test) return;
    const test = { ...tested.test, endedAt: clock.now(), ...(failure !== undefined && { failure }) };
    const channels = now.channels.map((one) => (one === tested ? { ...one, test } : one));
    await control.commit({ writes: [{ entityType: 'page-channels', row: { ...now, channels } }], facts: [] });
  });
}

const pendingIn = ({ channels }: PageChannels, name: string, testId: string): Channel | undefined =>
  channels.find((one) => one.name === name && one.test?.testId === testId && one.test.endedAt === undefined);

function testPage(owner: string, { name, timeZone }: Channel, testId: string, now: string): Page {
  return {
    incidentId: `test-${testId}`,
    messageId: `test-${testId}.test`,
    about: 'test',
    severity: 'info',
    subject: `Test: the channel ${name} takes pages`,
    body: [
      'This is a test. Nothing is wrong, and nothing has to be done.',
      '',
      'Next step:  none. Whoever asked for it sees in keywright channel list that it was taken.',
      `Channel:    ${name} of ${owner}`,
      `Sent:       ${localTime(timeZone)(now)}`,
    ].join('\n'),
    at: now,
    details: { channel: name, owner },
  };
}
