/** The promises of `AuditQueue`, for every implementation of it. */
import type { AuditEntries } from '../../events/audit-entries';
import type { AuditQueue } from '../../shared/domain/audit/log/ports';
import { entriesFor } from '../support/memory-audit';

export interface AuditQueueScene {
  readonly queue: AuditQueue;
  /** What reached the writers, once so many messages have, in order within each customer. */
  received(count: number): Promise<readonly AuditEntries[]>;
  /** From now on nobody reaches the queue. */
  breakDown(): Promise<void>;
}

const CUSTOMERS = ['acme', 'globex', 'ä ö', 'x'.repeat(200)];

/** So many messages, by turns of each customer. */
const messages = (count: number): readonly AuditEntries[] =>
  Array.from({ length: count }, (_, at) => entriesFor(CUSTOMERS[at % CUSTOMERS.length] ?? '', [`event-${at}`]));

const of = (customerId: string, among: readonly AuditEntries[]) =>
  among.filter((message) => message.customerId === customerId);

export function auditQueueContract(open: () => Promise<AuditQueueScene>): void {
  test('of no messages none is refused', async () => {
    const { queue } = await open();

    expect(await queue.send([])).toEqual(new Set());
  });

  test('every message arrives as it was sent, in order within each customer, whatever their names', async () => {
    const { queue, received } = await open();
    const sent = messages(24);

    expect(await queue.send(sent)).toEqual(new Set());

    const arrived = await received(24);
    for (const customerId of CUSTOMERS) expect(of(customerId, arrived)).toEqual(of(customerId, sent));
  });

  test('what is sent later comes later', async () => {
    const { queue, received } = await open();
    const [first, second] = [entriesFor('acme', ['a']), entriesFor('acme', ['b'])];

    await queue.send([first]);
    await queue.send([second]);

    expect(await received(2)).toEqual([first, second]);
  });

  test('an entry may hold any characters', async () => {
    const { queue, received } = await open();
    const message = entriesFor('acme', ['a\u0001\uFFFE\uFFFF\uD800 \\uFFFE']);

    expect(await queue.send([message])).toEqual(new Set());

    expect(await received(1)).toEqual([message]);
  });

  test('messages that do not reach the queue are given back by their positions', async () => {
    const { queue, breakDown } = await open();
    await breakDown();

    expect(await queue.send(messages(12))).toEqual(new Set(Array.from({ length: 12 }, (_, at) => at)));
  });
}
