import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalAwsFault } from '../start-refused';
import { openStore } from '../store';
import { fillDiskUnder } from './support/full-disk';

let folder: string;
let journal: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  journal = join(folder, 'journal.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The rows of one table, as the next process finds them. */
function keptRows(): Record<string, unknown> {
  const store = openStore(folder);
  store.close();
  return Object.fromEntries(store.table('rows').entries());
}

function keep(rows: Record<string, unknown>): void {
  const store = openStore(folder);
  for (const [key, row] of Object.entries(rows)) store.table('rows').set(key, row);
  store.close();
}

const opening = () => {
  try {
    openStore(folder).close();
  } catch (error) {
    return error as Error;
  }
  throw new Error('The store was opened.');
};

test('what was acknowledged is there for the next process, and what a kill cut short is not', () => {
  keep({ a: 1, b: 2 });
  appendFileSync(journal, '[["rows","c",3');

  expect(keptRows()).toEqual({ a: 1, b: 2 });
});

test('a cut line is gone for good: what is written after it reads', () => {
  keep({ a: 1 });
  appendFileSync(journal, '[["rows","c",3');
  keep({ b: 2 });

  expect(keptRows()).toEqual({ a: 1, b: 2 });
});

test.each([
  ['bytes that are no JSON', '\u0000\u0001garbage'],
  ['a line that lost its end, with more behind it', '[["rows","b",'],
  ['JSON of another kind', '{"rows":{"a":1}}'],
  ['a change that names no row', '[["rows"]]'],
  ['a change whose table is no name', '[[7,"b",2]]'],
  ['a change that was never written here', '[["rows","b",{"of":"no engine"}]]'],
  ['a change under the checksum of another', '["00000000",[["rows","b",2]]]'],
])('damage is told with its line and a way out, and nothing is touched: %s', (_, line) => {
  keep({ a: 1 });
  const before = `${readFileSync(journal, 'utf8')}${line}\n[["rows","c",3]]\n`;
  writeFileSync(journal, before);

  const fault = opening();

  expect(fault).toBeInstanceOf(LocalAwsFault);
  expect(fault.message).toBe(
    `${journal} is damaged in line 3, so that what was kept there cannot be gone on with. Put back a copy of the folder, or move it away and begin anew.`,
  );
  expect(readFileSync(journal, 'utf8')).toBe(before);
});

test('a folder where the journal should be is told as well', () => {
  mkdirSync(journal);

  expect(opening()).toBeInstanceOf(LocalAwsFault);
  expect(opening().message).toMatch(/journal\.jsonl is no file/);
});

test('a journal of a newer release is left alone, one of before releases were told apart is read', () => {
  writeFileSync(journal, '{"format":3}\n[["rows","a",1]]\n');
  expect(opening().message).toMatch(/in form 3; this one reads form 2\. Use that release, or another folder\.$/);

  for (const header of ['', '{"format":1}\n']) {
    writeFileSync(journal, `${header}[["rows","a",1]]\n`);
    expect(keptRows()).toEqual({ a: 1 });
    expect(keptRows()).toEqual({ a: 1 });
  }
});

test('a row that changed on the disk is damage, also where it still reads', () => {
  keep({ a: 'one', b: 'ü\u2028\n"', __proto__x: { 2: -0, 1: [null] } });
  expect(keptRows()).toEqual({ a: 'one', b: 'ü\u2028\n"', __proto__x: { 2: 0, 1: [null] } });

  writeFileSync(journal, readFileSync(journal, 'utf8').replace('"one"', '"two"'));

  expect(opening().message).toMatch(/journal\.jsonl is damaged in line 2, /);
});

test('only its owner may look into it: key material is in there', () => {
  keep({ a: 1 });

  expect((statSync(folder).mode & 0o777).toString(8)).toBe('700');
  expect((statSync(journal).mode & 0o777).toString(8)).toBe('600');
});

test('a full disk is told once, and from then on nothing is acknowledged; what was before is kept', () => {
  const told: NodeJS.ErrnoException[] = [];
  const store = openStore(folder, (error) => told.push(error as NodeJS.ErrnoException));
  const rows = store.table('rows');
  rows.set('before', 1);
  fillDiskUnder(journal);

  expect(() => rows.set('refused', 2)).toThrow('ENOSPC');
  expect(() => rows.delete('before')).toThrow('ENOSPC');
  expect(() => store.together(() => rows.set('refused too', 3))).toThrow('ENOSPC');

  expect(told.map(({ code, path }) => ({ code, path }))).toEqual([{ code: 'ENOSPC', path: journal }]);
  store.close();
  expect(keptRows()).toEqual({ before: 1 });
});

test('a journal that cannot be rewritten is left as it was', () => {
  keep({ a: 1 });
  rmSync(`${journal}.new`, { force: true });
  mkdirSync(`${journal}.new`);

  expect(() => openStore(folder)).toThrow('EISDIR');

  rmSync(`${journal}.new`, { recursive: true });
  expect(existsSync(journal)).toBe(true);
  expect(keptRows()).toEqual({ a: 1 });
});

test('a named pipe where the journal is written anew is not waited for', () => {
  keep({ a: 1 });
  execFileSync('mkfifo', [`${journal}.new`]);

  expect(keptRows()).toEqual({ a: 1 });
});

test('a large table is rewritten whole', () => {
  const rows = Object.fromEntries(Array.from({ length: 2_500 }, (_, index) => [String(index), { index }]));
  keep(rows);

  keptRows();
  expect(keptRows()).toEqual(rows);
});
