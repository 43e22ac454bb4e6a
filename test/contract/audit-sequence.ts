/** The promises of `AuditSequence`, for every implementation of it. */
import { auditAppended } from '../../events/audit-appended';
import { type AuditEntry, type AuditHead, type AuditSequence, BATCH_LIMITS } from '../../shared/domain/audit/log/ports';
import { EMPTY_ROOT } from '../../shared/domain/audit/log/tree-hashes';
import { NOW } from '../support/make';

const anEntry = (key: string, text = key): AuditEntry => ({ dedupeKeys: [key], bytes: Buffer.from(text) });
const texts = (entries: readonly Uint8Array[] | undefined) => entries?.map((entry) => Buffer.from(entry).toString());

function factOf(head: AuditHead, size = head.size) {
  const { customerId, integrated: fromIndex } = head;
  const factId = `audit-appended/${customerId}/${size}`;
  return auditAppended.of({ factId, at: NOW, customerId, fromIndex, size, rootHash: 'root' });
}

interface Opened {
  readonly sequence: AuditSequence;
  facts(): Promise<readonly { factId: string }[]>;
  /** Copies a customer's head, or first batch, as it is, to where another's is kept. */
  misplace(what: 'head' | 'batch', customerId: string, toCustomerId: string): Promise<void>;
}

/** @param open A sequence with nothing in it, and the facts it has committed. */
export function auditSequenceContract(open: () => Promise<Opened>): void {
  let sequence: AuditSequence;
  let facts: Opened['facts'];
  let misplace: Opened['misplace'];
  beforeEach(async () => {
    ({ sequence, facts, misplace } = await open());
  });

  const start = () => sequence.head('acme');

  test('a customer without entries has an empty head', async () => {
    expect(await start()).toEqual({ customerId: 'acme', size: 0, integrated: 0, rootHash: EMPTY_ROOT, revision: 0 });
  });

  test('entries get the next places, and the head is found as it was given back', async () => {
    const first = await sequence.sequence(await start(), [anEntry('a'), anEntry('b')]);
    const second = await sequence.sequence(first, [anEntry('c')]);

    expect([first.size, second.size, second.integrated]).toEqual([2, 3, 0]);
    expect(await start()).toEqual(second);
    expect(texts((await sequence.batch('acme', 0))?.entries)).toEqual(['a', 'b']);
    expect(texts((await sequence.batch('acme', 2))?.entries)).toEqual(['c']);
  });

  test('the keys of entries are known from then on, to their customer alone', async () => {
    await sequence.sequence(await start(), [{ dedupeKeys: ['event', 'shared'], bytes: Buffer.from('entry') }]);

    expect(await sequence.known('acme', ['event', 'shared', 'other'])).toEqual(new Set(['event', 'shared']));
    expect(await sequence.known('globex', ['event', 'shared'])).toEqual(new Set());
  });

  test('more keys can be asked for than one call of the store takes, some of them twice', async () => {
    const keys = Array.from({ length: 250 }, (_, at) => `key-${at}`);
    const entries = keys.slice(0, 40).map((key) => anEntry(key));
    await sequence.sequence(await start(), entries);

    expect(await sequence.known('acme', [...keys, ...keys])).toEqual(new Set(keys.slice(0, 40)));
    expect(await sequence.known('acme', [])).toEqual(new Set());
  });

  test('customers whose names run into each other keep apart', async () => {
    await sequence.sequence(await sequence.head('a#b'), [anEntry('c')]);

    expect(await sequence.known('a', ['b#c'])).toEqual(new Set());
    expect((await sequence.head('a')).size).toBe(0);
  });

  test('a head that was copied from another customer is not built upon', async () => {
    await sequence.sequence(await start(), [anEntry('a')]);
    await misplace('head', 'acme', 'globex');

    await expect(sequence.head('globex')).rejects.toMatchObject({ code: 'store.row-misplaced', retry: false });
    expect((await start()).size).toBe(1);
  });

  test('entries that were copied from another customer do not get into the log', async () => {
    await sequence.sequence(await start(), [anEntry('a')]);
    await misplace('batch', 'acme', 'globex');

    await expect(sequence.batch('globex', 0)).rejects.toMatchObject({ code: 'store.row-misplaced' });
    expect(texts((await sequence.batch('acme', 0))?.entries)).toEqual(['a']);
  });

  test('a batch as large as the limits allow is taken whole', async () => {
    const bytes = Buffer.alloc(Math.floor(BATCH_LIMITS.bytes / BATCH_LIMITS.entries) - 2, 'x');
    const entries = Array.from({ length: BATCH_LIMITS.entries }, (_, at) => ({
      dedupeKeys: [`event-${at}`, `shared-${at}`],
      bytes,
    }));

    await sequence.sequence(await start(), entries);

    const stored = await sequence.batch('acme', 0);
    expect(stored?.entries.map((entry) => Buffer.compare(entry, bytes))).toEqual(entries.map(() => 0));
  });

  test('entries are refused when the head was changed since it was read, and nothing of them stays', async () => {
    const head = await start();
    await sequence.sequence(head, [anEntry('first')]);

    await expect(sequence.sequence(head, [anEntry('second')])).rejects.toMatchObject({
      code: 'state.changed-meanwhile',
    });
    expect(await sequence.known('acme', ['second'])).toEqual(new Set());
    expect((await start()).size).toBe(1);
  });

  test('entries are refused when one of their keys has an entry, and nothing of them stays', async () => {
    const head = await sequence.sequence(await start(), [anEntry('taken')]);

    await expect(sequence.sequence(head, [anEntry('new'), anEntry('taken', 'again')])).rejects.toMatchObject({
      code: 'state.changed-meanwhile',
    });
    expect(await sequence.known('acme', ['new'])).toEqual(new Set());
    expect(await sequence.batch('acme', 1)).toBeUndefined();
  });

  test('settling moves the head, lets the batches go and commits the fact', async () => {
    const head = await sequence.sequence(await start(), [anEntry('a')]);
    const rootHash = Buffer.alloc(32, 7);

    const settled = await sequence.settle(head, { size: 1, rootHash, batches: [0] }, factOf(head));

    expect(settled).toMatchObject({ size: 1, integrated: 1 });
    expect(Buffer.from((await start()).rootHash)).toEqual(rootHash);
    expect(await sequence.batch('acme', 0)).toBeUndefined();
    expect((await facts()).map(({ factId }) => factId)).toEqual(['audit-appended/acme/1']);
  });

  test('settling is refused when the head was changed since it was read, and nothing of it stays', async () => {
    const head = await sequence.sequence(await start(), [anEntry('a')]);
    await sequence.sequence(head, [anEntry('b')]);

    const late = sequence.settle(head, { size: 1, rootHash: EMPTY_ROOT, batches: [0] }, factOf(head));

    await expect(late).rejects.toMatchObject({ code: 'state.changed-meanwhile' });
    expect(texts((await sequence.batch('acme', 0))?.entries)).toEqual(['a']);
    expect(await facts()).toEqual([]);
  });

  test('twenty batches are settled at once', async () => {
    let head = await start();
    for (let at = 0; at < 20; at++) head = await sequence.sequence(head, [anEntry(`event-${at}`)]);
    const batches = Array.from({ length: 20 }, (_, at) => at);

    await sequence.settle(head, { size: 20, rootHash: EMPTY_ROOT, batches }, factOf(head));

    expect(await Promise.all(batches.map((at) => sequence.batch('acme', at)))).toEqual(batches.map(() => undefined));
  });

  test('of writers that read the same head, exactly one gets the place', async () => {
    const head = await start();

    const races = await Promise.allSettled(
      Array.from({ length: 8 }, (_, at) => sequence.sequence(head, [anEntry(`event-${at}`)])),
    );

    expect(races.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await start()).size).toBe(1);
  });
}
