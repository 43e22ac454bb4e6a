/** What becomes of a link from a page, whoever opens it, and of what is no link of ours. */
import { acknowledgeLink } from '../../../../../shared/domain/availability/acknowledging/acknowledge-link';
import { acknowledgePage, type Typed } from '../../../../../shared/domain/availability/acknowledging/acknowledge-page';
import { pageOfAnswer } from '../../../../../shared/domain/availability/acknowledging/answer-html';
import { readToken, textOf, tokenOf } from '../../../../../shared/domain/availability/acknowledging/link-token';
import type { KeyIncident } from '../../../../../shared/domain/availability/incidents/incident';
import { ADA, over } from '../../../../support/incident-world';
import { anIncident, countedIds, NOW, silentLog } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';
import { ACKNOWLEDGE_URL, memoryLinks } from '../../../../support/memory-pager';
import { testClock } from '../../../../support/rotation-world';

const DAY_MS = 86_400_000;
const NOTHING: Typed = { name: '', note: '' };

async function world(fields: Partial<KeyIncident> = {}, channel = 'primary') {
  const control = memoryControlStore();
  const incident = anIncident({ revision: 1, ...fields });
  control.given('incident', incident, anIncident({ incidentId: 'incident-2', revision: 1 }));
  const clock = testClock();
  const links = memoryLinks();
  const ports = { control, clock, ids: countedIds(), links };
  const open = { ...incident, state: 'open', acknowledged: undefined } as never;
  const url = (await acknowledgeLink(open, channel, { links, acknowledgeUrl: ACKNOWLEDGE_URL, log: silentLog })) ?? '';
  const token = url.slice(ACKNOWLEDGE_URL.length);
  const send = (typed?: Typed, as = token) => acknowledgePage({ token: as, ...(typed && { typed }) }, ports);
  return {
    control,
    clock,
    token,
    send,
    shown: async (typed?: Typed, as = token) => pageOfAnswer(await send(typed, as)),
    acknowledged: () => control.all('incident').map(({ incidentId, acknowledged }) => acknowledged && incidentId),
    row: () => control.all('incident').find(({ incidentId }) => incidentId === incident.incidentId),
  };
}

test('who opens it is shown the incident and a form, however often, and nothing is acknowledged', async () => {
  const it = await world();

  for (let time = 0; time < 3; time += 1) {
    const { status, html } = await it.shown();
    expect(status).toBe(200);
    expect(html).toContain('Incident incident-1, ');
    expect(html).toContain('Acme Ltd’s key was disabled');
    expect(html).toContain('<form method="post">');
  }

  expect(it.row()).not.toHaveProperty('acknowledged');
  expect(it.control.outbox).toEqual([]);
});

test('who sends the form has acknowledged it through their channel, with what they typed, marked as that', async () => {
  const it = await world();

  const { status, html } = await it.shown({ name: 'Ada', note: 'I call them' });

  expect(it.row()).toMatchObject({
    acknowledged: { by: 'the channel primary', at: it.clock.now(), note: 'typed there: Ada: I call them' },
  });
  expect(it.control.outbox).toMatchObject([
    {
      detailType: 'incident-acknowledged.v1',
      detail: {
        incidentId: 'incident-1',
        acknowledgedBy: 'the channel primary',
        note: 'typed there: Ada: I call them',
      },
    },
  ]);
  expect([status, html]).toEqual([200, expect.stringContaining('the channel primary has it in hand since')]);
  expect(html).not.toContain('<form');
});

test('sent again, by whoever reads the same channel, the first note stays and one fact is told', async () => {
  const it = await world();

  await Promise.all([it.send({ name: 'Ada', note: '' }), it.send({ name: 'Ada', note: '' })]);
  const again = await it.shown({ name: 'Bob', note: 'me too' });

  expect(again).toMatchObject({ status: 200, html: expect.stringContaining('typed there: Ada<') });
  expect(it.control.outbox).toHaveLength(1);
});

test.each<[string, Typed, string]>([
  ['nothing', NOTHING, 'by the link in its page; nothing was typed there'],
  ['blanks', { name: ' ', note: '\t' }, 'by the link in its page; nothing was typed there'],
  ['a name alone', { name: 'Ada', note: '' }, 'typed there: Ada'],
  ['line ends and what turns text around', { name: 'A\nB', note: 'x\u202Ey' }, 'typed there: A?B: x?y'],
  ['a name like ours', { name: ADA, note: '' }, `typed there: ${ADA}`],
])('what is typed is %s: it is text of nobody whom we know', async (_title, typed, note) => {
  const it = await world();

  await it.send(typed);

  expect(it.row()?.acknowledged).toMatchObject({ by: 'the channel primary', note });
});

test('of what is typed so much is kept as a note has on the command line', async () => {
  const it = await world();

  await it.send({ name: 'n'.repeat(5_000), note: '😀'.repeat(5_000) });

  const { note = '' } = it.row()?.acknowledged ?? {};
  expect(note.length).toBeLessThanOrEqual(500);
  expect(note).toMatch(/^\P{Surrogate}*$/u);
});

test('what somebody else has, or what is over, is said, and nothing is changed', async () => {
  const held = await world({ acknowledged: { by: ADA, at: NOW, note: 'mine' } });
  const ended = await world({ ...over('incident-1') });

  expect(await held.shown(NOTHING)).toMatchObject({
    status: 409,
    html: expect.stringContaining(`${ADA} has it in hand`),
  });
  expect(await ended.shown(NOTHING)).toMatchObject({ status: 409, html: expect.stringContaining('is over') });
  expect(await held.shown()).toMatchObject({ status: 200, html: expect.not.stringContaining('<form') });
  expect(await ended.shown()).toMatchObject({ status: 200, html: expect.not.stringContaining('<form') });
  expect([...held.control.outbox, ...ended.control.outbox]).toEqual([]);
});

test('a link that has expired says so and names the command, and acknowledges nothing', async () => {
  const it = await world();
  it.clock.advance(31 * DAY_MS - 1_000);
  expect(await it.shown()).toMatchObject({ status: 200 });
  it.clock.advance(4_000);

  for (const typed of [undefined, NOTHING])
    expect(await it.shown(typed)).toMatchObject({
      status: 410,
      html: expect.stringContaining('keywright ack incident-1 --note'),
    });
  expect(it.control.outbox).toEqual([]);
});

test('what is no link of ours is answered the same, whatever is wrong with it, and acknowledges nothing', async () => {
  const it = await world();
  const { claims, mac } = readToken(it.token) as NonNullable<ReturnType<typeof readToken>>;
  const others = memoryLinks('the key of somebody else');
  const late = { ...claims, expiresAt: '2020-01-01T00:00:00.000Z' };
  const missing = { ...claims, incidentId: 'incident-3' };
  const forged: Readonly<Record<string, string>> = {
    empty: '',
    'no token': 'favicon.ico',
    'without its code': it.token.split('.')[0] ?? '',
    'cut off': it.token.slice(0, -1),
    'with more behind it': `${it.token}A`,
    'of another incident': tokenOf({ ...claims, incidentId: 'incident-2' }, mac),
    'of another channel': tokenOf({ ...claims, channel: 'boss' }, mac),
    'for longer': tokenOf({ ...claims, expiresAt: '2099-01-01T00:00:00.000Z' }, mac),
    'expired, and not ours': tokenOf(late, mac),
    'signed by another key': tokenOf(claims, await others.sign(textOf(claims))),
    'signed for another purpose': tokenOf(claims, await memoryLinks().sign(textOf(claims).replace('acknowledge', 'x'))),
    'signed, of an incident that there is none of': tokenOf(missing, await memoryLinks().sign(textOf(missing))),
    'very long': 'a'.repeat(100_000),
  };

  for (const [what, token] of Object.entries(forged))
    for (const typed of [undefined, NOTHING]) {
      const page = await it.shown(typed, token);
      expect([what, page]).toEqual([what, pageOfAnswer({ outcome: 'unknown' })]);
    }

  expect(it.acknowledged().filter(Boolean)).toEqual([]);
  expect(it.control.outbox).toEqual([]);
});

test('what is no token costs no call of KMS', async () => {
  let asked = 0;
  const isSigned = async () => {
    asked += 1;
    return false;
  };
  const ports = { control: memoryControlStore(), clock: testClock(), ids: countedIds(), links: { isSigned } };

  const claims = { incidentId: 'i', channel: 'c'.repeat(2_000), expiresAt: NOW };
  const long = tokenOf(claims, Buffer.alloc(32));
  for (const token of ['', 'x', 'a.b', long]) await acknowledgePage({ token }, ports);

  expect(asked).toBe(0);
});

test('whether it is ours is not guessed: while KMS does not answer nothing is acknowledged', async () => {
  const it = await world();
  const links = { isSigned: async () => Promise.reject(new Error('KMS is away')) };
  const ports = { control: it.control, clock: it.clock, ids: countedIds(), links };

  await expect(acknowledgePage({ token: it.token, typed: NOTHING }, ports)).rejects.toThrow('KMS is away');
  expect(it.control.outbox).toEqual([]);
});

test('names and notes are text: nothing in them is markup', async () => {
  const evil = '<img src=x onerror="alert(1)">&\'';
  const impact = { ...anIncident().impact, customers: [{ customerId: 'acme', name: evil }] };
  const it = await world({ impact });
  const before = await it.shown();
  const afterwards = await it.shown({ name: evil, note: evil });

  for (const { html } of [before, afterwards]) {
    expect(html).not.toMatch(/<img|<script|onerror="/);
    expect(html).toContain('&lt;img');
  }
});
