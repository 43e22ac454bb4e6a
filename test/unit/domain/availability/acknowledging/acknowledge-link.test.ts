/** Links in pages: which pages hold one, what it says, and that no page waits for one. */
import { acknowledgeLink } from '../../../../../shared/domain/availability/acknowledging/acknowledge-link';
import { readToken } from '../../../../../shared/domain/availability/acknowledging/link-token';
import type { LinkSigner } from '../../../../../shared/domain/availability/ports';
import { ADA, incidentWorld } from '../../../../support/incident-world';
import { anIncident, anOperatorIncident, after as inMs, NOW, silentLog } from '../../../../support/make';
import { ACKNOWLEDGE_URL, memoryLinks } from '../../../../support/memory-pager';

const ports = { links: memoryLinks(), acknowledgeUrl: ACKNOWLEDGE_URL, log: silentLog };
const away: LinkSigner = { sign: async () => Promise.reject(new Error('KMS is away')) };
const linkOf = async (...asked: Parameters<typeof acknowledgeLink>) => (await acknowledgeLink(...asked)) ?? '';

test('a link names incident, channel and a day a month after the incident, and nothing of when it was made', async () => {
  const incident = anIncident();
  const first = await linkOf(incident, 'primary', ports);
  const token = first.slice(ACKNOWLEDGE_URL.length);

  expect(readToken(token)?.claims).toEqual({
    incidentId: 'incident-1',
    channel: 'primary',
    expiresAt: inMs(31 * 86_400_000, incident.detectedAt),
  });
  expect(token).toMatch(/^[\w.-]+$/);
  expect(first.length).toBeLessThan(300);
  expect(await linkOf({ ...incident, evidence: 'another', revision: 9 }, 'primary', ports)).toBe(first);
});

test('each incident and each channel has its own', async () => {
  const links = await Promise.all([
    linkOf(anIncident(), 'one', ports),
    linkOf(anIncident(), 'two', ports),
    linkOf(anIncident({ incidentId: 'incident-2' }), 'one', ports),
    linkOf(anOperatorIncident(), 'one', ports),
  ]);

  expect(new Set(links).size).toBe(4);
});

test('what is over, or in hand, has none', async () => {
  const acknowledged = { by: ADA, at: NOW, note: 'mine' };

  expect(await acknowledgeLink(anIncident({ acknowledged }), 'one', ports)).toBeUndefined();
  expect(await acknowledgeLink(anIncident({ state: 'closed' }), 'one', ports)).toBeUndefined();
  expect(await acknowledgeLink(anIncident({ state: 'recovering' }), 'one', ports)).toBeDefined();
});

test('what cannot be signed is told in the log, and is no link', async () => {
  const warned: unknown[] = [];
  const log = { ...silentLog, warn: (message: string, fields?: object) => void warned.push([message, fields]) };

  expect(await acknowledgeLink(anIncident(), 'one', { ...ports, links: away, log })).toBeUndefined();
  expect(warned).toEqual([
    [
      'a page goes out without its link',
      { incidentId: 'incident-1', channel: 'one', reason: expect.stringContaining('KMS is away') },
    ],
  ]);
});

test('the page holds its link, for programs and in a line of its own; the page that it is over holds none', async () => {
  const world = incidentWorld();
  world.givenWatched();
  world.kms.unwrapAnswers('kms.key-disabled', 'kms.key-disabled', 'ok', 'ok');
  await world.signal();
  await world.page();
  const [opened] = world.pager.pages;

  expect(opened?.acknowledgeUrl).toMatch(/^https:\/\/links\.example\.com\/[\w-]+\.[\w-]{43}$/);
  expect(opened?.body.split('\n')).toContain(`Acknowledge: ${opened?.acknowledgeUrl}`);

  world.clock.advance(60_000);
  await world.signal();
  await world.runs(10, 60_000);
  const closed = world.pager.pages.at(-1);
  expect(closed).toMatchObject({ about: 'closed' });
  expect(closed).not.toHaveProperty('acknowledgeUrl');
  expect(closed?.body).not.toContain('Acknowledge');
});

test('a page goes out without its link where it cannot be signed', async () => {
  const world = incidentWorld();
  Object.assign(world.ports, { links: away });
  world.givenWatched();
  world.kms.unwrapAnswers('kms.key-disabled', 'kms.key-disabled');
  await world.signal();

  await world.page();

  expect(world.pager.pages).toMatchObject([{ about: 'opened' }]);
  expect(world.pager.pages[0]).not.toHaveProperty('acknowledgeUrl');
  expect(world.pager.pages[0]?.body).toContain('keywright ack');
});
