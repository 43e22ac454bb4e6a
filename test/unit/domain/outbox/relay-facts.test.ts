/** What becomes of facts on their way out: by the stream, and where that lost them. */
import type { OutboxRow } from '../../../../shared/domain/outbox/ports';
import { relayFacts } from '../../../../shared/domain/outbox/relay-facts';
import { republishFacts } from '../../../../shared/domain/outbox/republish-facts';
import { after, NOW } from '../../../support/make';
import { memoryPark } from '../../../support/memory-park';
import { aRow, idsOf, MINUTE_MS, NEVER_TAKEN, NOT_NOW, outboxWorld } from '../../../support/outbox-world';
import { virtualTime } from '../../../support/virtual-time';

test.each([
  ['is not JSON', { detail: '{"factId":' }],
  ['is a list', { detail: '[1]' }],
  ['is a text', { detail: '"x"' }],
  ['is nothing', { detail: 'null' }],
  ['is missing', { detail: undefined }],
  ['has no type', { detailType: undefined }],
  ['has an empty type', { detailType: '' }],
])('a row whose fact %s is parked with the reason, and the facts around it go out', async (_title, fields) => {
  const { outbox, published, parked, ports } = outboxWorld();
  const rows = [aRow('before'), aRow('poison', fields), aRow('behind')];
  outbox.given(...rows);

  const left = await relayFacts(rows, ports);

  expect(left).toEqual([]);
  expect(published()).toEqual(['before', 'behind']);
  expect(parked()).toEqual(['poison']);
  expect(outbox.parkedBecause('poison')).toMatch(/^detail(Type)?: /);
  expect(await outbox.due(NOW, 10)).toEqual([]);
});

test('a row nested so deep that nobody could write it anew is sent as it is', async () => {
  const { published, ports } = outboxWorld();
  const detail = `${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}`;

  await relayFacts([aRow('deep', { detail })], ports);

  expect(published()).toEqual(['deep']);
});

test('what the bus will never take is parked, what it may take later is left', async () => {
  const { outbox, published, parked, ports } = outboxWorld({ never: NEVER_TAKEN, later: NOT_NOW });
  const rows = [aRow('never'), aRow('later'), aRow('good')];
  outbox.given(...rows);

  expect(idsOf(await relayFacts(rows, ports))).toEqual(['later']);

  expect([published(), parked()]).toEqual([['good'], ['never']]);
  expect(await outbox.due(after(MINUTE_MS - 1), 10)).toEqual([]);
  expect(idsOf(await outbox.due(after(MINUTE_MS), 10))).toEqual(['later']);
});

test('a fact that cannot be parked now is left, and keeps no other', async () => {
  const { outbox, published, ports } = outboxWorld({ never: NEVER_TAKEN });
  const rows = [aRow('never'), aRow('good')];
  outbox.given(...rows);
  const park = memoryPark();
  park.breakDown();

  expect(idsOf(await relayFacts(rows, { ...ports, park }))).toEqual(['never']);
  expect(published()).toEqual(['good']);
  expect(idsOf(await outbox.due(after(MINUTE_MS), 10))).toEqual(['never']);
});

test('a fact that is out and not noted is not handed back: it comes due', async () => {
  const { outbox, ports } = outboxWorld();
  outbox.given(aRow('one'));
  const notNoting = {
    ...outbox,
    published: async () => {
      throw new Error('no table');
    },
  };

  expect(await relayFacts([aRow('one')], { ...ports, outbox: notNoting })).toEqual([]);
  expect(idsOf(await outbox.due(NOW, 10))).toEqual(['one']);
});

/** Lambda ends a run of either function after so long, wherever it is. */
const TIMEOUT_MS = 30_000;

/** A bus that takes ten facts a call, and a table: every call takes so long. Nothing happens in a run that was ended. */
function slowWorld(callMs: number) {
  const { outbox, published, ports } = outboxWorld();
  const time = virtualTime();
  const begun = time.nowMs();
  const slow =
    <Arguments extends readonly unknown[], Answer>(
      isOver: () => boolean,
      call: (...given: Arguments) => Promise<Answer>,
      callsOf: (...given: Arguments) => number = () => 1,
    ) =>
    async (...given: Arguments): Promise<Answer> => {
      await time.waitMs(callMs * callsOf(...given));
      return isOver() ? new Promise(() => undefined) : call(...given);
    };
  async function run<Answer>(work: (slowPorts: typeof ports) => Promise<Answer>): Promise<Answer | 'ended'> {
    const endsAt = time.nowMs() + TIMEOUT_MS;
    const isOver = () => time.nowMs() >= endsAt;
    let answer: Answer | 'ended' = 'ended';
    const { publish } = ports.publisher;
    void work({
      ...ports,
      clock: { now: () => after(time.nowMs() - begun) },
      publisher: { ...ports.publisher, publish: slow(isOver, publish, (facts) => Math.ceil(facts.length / 10)) },
      outbox: { ...outbox, due: slow(isOver, outbox.due), published: slow(isOver, outbox.published) },
    }).then((ended) => {
      answer = ended;
    });
    await time.pass(TIMEOUT_MS, () => undefined);
    return answer;
  }
  return { outbox, published, run };
}

test('where every call is slow a run ends in time, and what it published is noted and goes out once', async () => {
  const { outbox, published, run } = slowWorld(350);
  const lost = Array.from({ length: 1_500 }, (_, at) => aRow(`lost-${at}`));
  outbox.given(...lost);

  expect(await run(republishFacts)).toBe(1_000);
  expect(published().length).toBeGreaterThan(500);
  for (let runs = 1; runs < 4; runs += 1) await run(republishFacts);

  expect(published().sort()).toEqual(idsOf(lost).sort());
  expect(await outbox.due(after(10 * MINUTE_MS), 1_000)).toEqual([]);
});

test('of a batch of the stream that does not come out in time, what is out is kept and the rest is handed back', async () => {
  const { outbox, published, run } = slowWorld(4_000);
  const rows = Array.from({ length: 100 }, (_, at) => aRow(`new-${at}`));
  outbox.given(...rows);

  const left = await run((ports) => relayFacts(rows, ports));

  expect(left).not.toBe('ended');
  expect(published().length).toBeGreaterThan(0);
  expect([...published(), ...idsOf(left as readonly OutboxRow[])].sort()).toEqual(idsOf(rows).sort());
});
