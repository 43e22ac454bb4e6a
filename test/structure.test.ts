/** What `npm run check:structure` finds, shown by sources that have it. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const SCRIPT = join(__dirname, 'structure.mjs');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'structure-'));
  execFileSync('git', ['init', '-q'], { cwd: folder });
});
afterEach(() => rmSync(folder, { recursive: true }));

function check(files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  execFileSync('git', ['add', '-A'], { cwd: folder });
  cpSync(SCRIPT, join(folder, 'structure.mjs'));
  try {
    const out = execFileSync(process.execPath, ['structure.mjs'], { cwd: folder, encoding: 'utf8' });
    return { status: 0, ...JSON.parse(out.trim().split('\n').at(-1) ?? '') };
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    return { status, ...JSON.parse(stdout.trim().split('\n').at(-1) ?? '') };
  }
}

test('sources that import in one direction pass', () => {
  const found = check({ 'a.ts': "import { b } from './b';\n", 'b.ts': 'export const b = 1;\n' });

  expect(found).toMatchObject({ status: 0, cycles: 0, topLevel: 2 });
});

test.each([
  ['each other', { 'a.ts': "import './b' ;\nimport { b } from './b';\n", 'b.ts': "import { a } from './a';\n" }],
  [
    'each other by the name of one of our packages',
    { 'packages/p/a.ts': "import { b } from 'q/b';\n", 'packages/q/b.ts': "import { a } from 'p/a';\n" },
  ],
  ['each other for a type', { 'a.ts': "import type { B } from './b';\n", 'b.ts': "export type { A } from './a';\n" }],
  [
    'each other by way of a third',
    {
      'a.ts': "import { b } from './b';\n",
      'b.ts': "import { c } from './c';\n",
      'c.ts': "import { a } from './a';\n",
    },
  ],
])('files that import %s are found', (_, files) => {
  expect(check(files)).toMatchObject({ status: 1, cycles: 1 });
});

test('more entries at the top than can be seen at a glance are found', () => {
  const names = Array.from({ length: 19 }, (_, at) => [`file-${at}.md`, '']);

  expect(check(Object.fromEntries(names))).toMatchObject({ status: 1, topLevel: 19 });
});

test.each([
  ['a function', 'export function f() {}', 1],
  ['a generator', 'export async function* f() {}', 1],
  ['an arrow', 'export const f = (a: number) => a;', 1],
  ['an arrow of a declared type', 'export const f: F = async (a) => a;', 1],
  ['a function that says what it promises', '/** Promises. */\nexport function f() {}', 0],
  ['a value', 'export const f = 1;', 0],
])('of %s that is exported a promise is asked for, where it is one', (_, text, undocumentedExports) => {
  expect(check({ 'shared/domain/f.ts': `\n${text}\n` })).toMatchObject({
    status: undocumentedExports,
    undocumentedExports,
  });
});
