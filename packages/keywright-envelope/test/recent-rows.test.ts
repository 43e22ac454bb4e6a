/** How old a row may be that is acted on, what is read for that, and what becomes of callers while the table is silent. */
import { type RecentRows, recentRows } from '../recent-rows';

const EVERY_MS = 2_000;
const WITHIN_MS = 5_000;

const settled = () => new Promise((resolve) => setImmediate(resolve));

function rowsOf(find: (id: string) => Promise<string | undefined>, rowsMax = 10) {
  const clock = { ms: 0 };
  const reads: string[] = [];
  const told: [string | undefined, string | undefined][] = [];
  const rows = recentRows<string>({
    find: (id) => {
      reads.push(id);
      return find(id);
    },
    nowMs: () => clock.ms,
    everyMs: EVERY_MS,
    withinMs: WITHIN_MS,
    rowsMax,
    onRead: (row, before) => told.push([row, before]),
  });
  return { clock, reads, told, rows };
}

/** What a caller acts on. */
async function acted(rows: RecentRows<string>, id = 'a') {
  if (!rows.isRecent(id)) await rows.settle(id);
  return rows.last(id)?.row;
}

test('a row that was never read is waited for, by one look for all', async () => {
  const { rows, reads } = rowsOf(async () => 'row');

  expect(rows.last('a')).toBeUndefined();
  expect(await Promise.all([acted(rows), acted(rows), acted(rows)])).toEqual(['row', 'row', 'row']);
  expect(reads).toEqual(['a']);
});

test('that there is no row is known, too', async () => {
  const { rows } = rowsOf(async () => undefined);

  await rows.settle('a');

  expect(rows.last('a')).toMatchObject({ row: undefined });
});

test('it is read again in the background when it is growing old, and waited for when it is too old', async () => {
  let version = 0;
  const { rows, clock, reads, told } = rowsOf(async () => {
    version += 1;
    return `row ${version}`;
  });
  await acted(rows);

  clock.ms = EVERY_MS - 1;
  expect(await acted(rows)).toBe('row 1');
  expect(reads).toHaveLength(1);

  clock.ms = EVERY_MS;
  expect(await acted(rows)).toBe('row 1');
  await settled();
  expect(await acted(rows)).toBe('row 2');

  clock.ms += WITHIN_MS;
  expect(await acted(rows)).toBe('row 3');
  expect(told).toEqual([
    ['row 1', undefined],
    ['row 2', 'row 1'],
    ['row 3', 'row 2'],
  ]);
});

test('a row is as old as the look that found it, however long that took', async () => {
  const coming: ((row: string) => void)[] = [];
  const { rows, clock } = rowsOf(() => new Promise((comes) => coming.push(comes)));
  const first = rows.settle('a');
  clock.ms = WITHIN_MS;
  coming[0]?.('slow');
  await first;

  expect(rows.isRecent('a')).toBe(false);
});

test('a clock that was set back makes it old', async () => {
  const { rows, clock } = rowsOf(async () => 'row');
  clock.ms = 10_000;
  await rows.settle('a');

  clock.ms = 9_999;

  expect(rows.isRecent('a')).toBe(false);
});

test('what cannot be read stays what it was for who acts on it, and fails who asks to read it', async () => {
  let isDown = false;
  const { rows, clock, reads } = rowsOf(async () => {
    if (isDown) throw new Error('down');
    return 'row';
  });
  await acted(rows);
  isDown = true;
  clock.ms = WITHIN_MS;

  expect(await acted(rows)).toBe('row');
  await expect(rows.read('a')).rejects.toThrow('down');
  // A failed look counts as one: not every call asks a table that is down.
  const asked = reads.length;
  for (let call = 0; call < 100; call += 1) await acted(rows);
  expect(reads.length).toBe(asked);
});

test('a table that never answers is waited for a second, by those alone who come first', async () => {
  let isSilent = false;
  const { rows, clock } = rowsOf(() => (isSilent ? new Promise(() => undefined) : Promise.resolve('row')));
  await acted(rows);
  isSilent = true;
  clock.ms = WITHIN_MS;

  const startMs = performance.now();
  expect(await Promise.all([acted(rows), acted(rows)])).toEqual(['row', 'row']);
  const waitedMs = performance.now() - startMs;
  expect(await acted(rows)).toBe('row');

  expect(waitedMs).toBeGreaterThan(900);
  expect(performance.now() - startMs - waitedMs).toBeLessThan(500);
});

test('reading again is spared while the row is young', async () => {
  const { rows, clock, reads } = rowsOf(async () => 'row');

  await rows.read('a');
  clock.ms = EVERY_MS - 1;
  await rows.read('a');
  clock.ms = EVERY_MS;
  await rows.read('a');

  expect(reads).toHaveLength(2);
});

test('no more rows are kept than allowed: the one that was first asked for goes', async () => {
  const { rows } = rowsOf(async (id) => id, 2);

  for (const id of ['a', 'b', 'c']) await rows.settle(id);

  expect(['a', 'b', 'c'].map((id) => rows.last(id)?.row)).toEqual([undefined, 'b', 'c']);
});
