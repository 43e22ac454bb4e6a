import type { Change } from '../../../../shared/domain/ports';
import { testSubscription } from '../../../../shared/domain/subscriptions/change-subscriptions';
import { deliverEntries } from '../../../../shared/domain/subscriptions/deliver-entries';
import type { Taken } from '../../../../shared/domain/subscriptions/ports';
import { RETRY_WAITS_MS } from '../../../../shared/domain/subscriptions/retry-schedule';
import { anEntry, numbered, subscribed } from '../../../support/subscription-world';

const upTo = (end: number, from = 0) => Array.from({ length: end - from }, (_, at) => from + at);
const later = (reason = 'it answered 503'): Taken => ({ taken: 0, refusal: { kind: 'later', reason } });

/** The largest wait, with its jitter. */
const FIVE_SECONDS = 6_000;

describe('a destination that fails', () => {
  test('is tried by the schedule, whatever is appended meanwhile, and goes on where it ended', async () => {
    const world = await subscribed();
    world.destination.behave(() => later());
    await world.append(...numbered(2));
    await world.deliver();
    const attempts = world.destination.attempts;
    await world.append(...numbered(2, 2));
    await world.deliver();
    await world.deliverDue();

    expect(world.destination.attempts).toBe(attempts);
    expect(await world.subscription()).toMatchObject({
      failures: 1,
      failing: { reason: 'it answered 503' },
      cursor: 0,
    });

    world.destination.behave(() => undefined);
    world.pass(FIVE_SECONDS);
    await world.deliverDue();

    expect(world.indexes()).toEqual([0, 1, 2, 3]);
    expect(await world.subscription()).toMatchObject({ failures: 0, cursor: 4 });
    expect((await world.subscription()).failing).toBeUndefined();
  });

  test('has ten attempts in three days, is then disabled with a notice, and loses nothing by it', async () => {
    const world = await subscribed();
    await world.append(...numbered(2));
    world.destination.behave(() => later());
    const begun = world.destination.attempts;
    await world.deliver();
    for (const wait of RETRY_WAITS_MS) {
      world.pass(wait * 1.1 + 1);
      await world.deliverDue();
    }

    expect(world.destination.attempts - begun).toBe(10);
    const disabled = await world.subscription();
    expect(disabled).toMatchObject({ state: 'disabled', failures: 10, cursor: 0 });
    expect(disabled.dueAt).toBeUndefined();
    expect(world.control.outbox.at(-1)).toMatchObject({
      detailType: 'subscription-changed.v1',
      detail: { customerId: 'acme', subscription: 'siem', change: 'disabled', reason: 'it answered 503' },
    });
  });

  test('that is gone is disabled at once', async () => {
    const world = await subscribed();
    await world.append(...numbered(1));
    world.destination.behave(() => ({ taken: 0, refusal: { kind: 'gone', reason: 'it answered 410' } }));
    await world.deliver();

    expect(await world.subscription()).toMatchObject({ state: 'disabled', failing: { reason: 'it answered 410' } });
  });

  test('and says when is not asked sooner', async () => {
    const world = await subscribed();
    await world.append(...numbered(1));
    const slow = { kind: 'later', reason: 'it answered 429', retryAfterMs: 3_600_000 } as const;
    world.destination.behave(() => ({ taken: 0, refusal: slow }));
    await world.deliver();
    const attempts = world.destination.attempts;
    world.pass(3_500_000);
    await world.deliverDue();
    expect(world.destination.attempts).toBe(attempts);

    world.pass(100_001);
    await world.deliverDue();
    expect(world.destination.attempts).toBe(attempts + 1);
  });

  test('that took some of what was sent together is sent the others alone', async () => {
    const world = await subscribed();
    await world.append(...numbered(5));
    world.destination.behave(() => ({ taken: 2, refusal: { kind: 'later', reason: 'it answered 500' } }));
    await world.deliver();
    world.destination.behave(() => undefined);
    world.pass(FIVE_SECONDS);
    await world.deliverDue();

    expect(world.indexes()).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('a run', () => {
  test('that is at work keeps every other from it, and what came meanwhile is sent all the same', async () => {
    const world = await subscribed();
    await world.append(...numbered(1));
    let inside = 0;
    world.destination.behave(async () => {
      inside += 1;
      if (inside > 1) return undefined;
      await world.append(...numbered(1, 1));
      await world.deliver();
      return undefined;
    });
    await world.deliver();

    expect(world.indexes()).toEqual([0, 1]);
  });

  test('that died is taken over once its lease is over, and what it had sent is sent again with the same ids', async () => {
    const world = await subscribed();
    await world.append(...numbered(2));
    // It dies after it sent, before it noted that.
    let calls = 0;
    const dying = {
      ...world.ports,
      control: {
        ...world.control,
        commit: async (change: Change) => {
          calls += 1;
          if (calls === 2) throw new Error('died');
          return world.control.commit(change);
        },
      },
    };
    await expect(deliverEntries('acme', dying)).rejects.toThrow('died');
    await world.deliver();
    expect(world.indexes()).toEqual([0, 1]);

    world.pass(90_001);
    await world.deliverDue();

    expect(world.indexes()).toEqual([0, 1, 0, 1]);
    expect(world.destination.taken.slice(1, 3).map(({ id }) => id)).toEqual(
      world.destination.taken.slice(3).map(({ id }) => id),
    );
  });

  test('ends after a while, however much there is, and asks for the next', async () => {
    const world = await subscribed({ deliveries: 1, bytes: 10_000, bodyBytes: 10_000 });
    await world.append(...numbered(300));
    world.destination.behave(() => {
      world.pass(500);
      return undefined;
    });
    await world.deliver();

    const { cursor, dueAt } = await world.subscription();
    expect(cursor).toBeGreaterThan(20);
    expect(cursor).toBeLessThan(40);
    expect(dueAt).toBe(world.now());
    expect(world.control.outbox.at(-1)).toMatchObject({ detailType: 'delivery-due.v1' });
    for (let run = 0; run < 15; run += 1) await world.deliverDue();
    expect(world.indexes()).toEqual(upTo(300));
  });

  test('sends nothing of a log that is not whole', async () => {
    const world = await subscribed();
    await world.append(...numbered(2));
    const files = world.objects.filesOf('acme');
    files.set('tile/entries/000.p/2', Buffer.from(files.get('tile/entries/000.p/2') ?? []).subarray(0, 40));

    await expect(world.deliver()).rejects.toMatchObject({ code: 'audit.contradicted' });
    expect(world.indexes()).toEqual([]);
  });

  test('ends after a while also where the log grows as fast as it is sent', async () => {
    const world = await subscribed();
    await world.append(...numbered(1));
    let sent = 1;
    world.destination.behave(async () => {
      world.pass(1_000);
      if (sent < 60) await world.append(...numbered(1, sent));
      sent += 1;
      return undefined;
    });
    await world.deliver();

    expect(world.indexes().length).toBeLessThan(20);
    expect(world.control.outbox.at(-1)).toMatchObject({ detailType: 'delivery-due.v1' });
    for (let run = 0; run < 10; run += 1) await world.deliverDue();
    expect(world.indexes()).toEqual(upTo(60));
  });

  test('that meets a part of the log that is not there has noted what it sent before, and sends none of it again', async () => {
    const world = await subscribed();
    await world.append(...numbered(300));
    world.objects.filesOf('acme').delete('tile/entries/001.p/44');

    await expect(world.deliver()).rejects.toMatchObject({ code: 'audit.contradicted' });
    expect(await world.subscription()).toMatchObject({ cursor: 256, delivered: 256 });
    world.pass(90_001);
    await world.deliverDue();

    expect(world.indexes()).toEqual(upTo(256));
  });

  test('that meets one at once has noted that its test was taken', async () => {
    const world = await subscribed();
    await world.append(...numbered(2));
    await testSubscription({ customerId: 'acme', name: 'siem' }, 'somebody', world.ports);
    world.objects.filesOf('acme').delete('tile/entries/000.p/2');

    await expect(world.deliver()).rejects.toMatchObject({ code: 'audit.contradicted' });

    expect((await world.subscription()).test.endedAt).toBe(world.now());
  });

  test('notes what it tried, in a log that stays short', async () => {
    const world = await subscribed();
    for (let at = 0; at < 150; at += 1) {
      await world.append(anEntry(`event-${at}`));
      await world.deliver();
    }
    const [log] = world.control.all('delivery-log');

    expect(log?.attempts).toHaveLength(100);
    expect(log?.attempts.at(-1)).toEqual({ at: world.now(), from: 149, to: 149, result: 'taken' });
  });
});
