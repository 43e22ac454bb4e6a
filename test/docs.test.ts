/** What the documents say of files is so. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '..');
const documents = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => file !== 'CHANGELOG.md' && existsSync(join(ROOT, file)));
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** Paths in backticks that begin with a room of the repository and name no pattern. */
const PATHS = /`((?:bench|cli|docs|events|functions|infra|packages|shared|test)\/[\w./-]+)`/g;

test('there are documents, and they name files', () => {
  expect(documents.length).toBeGreaterThan(30);
  expect(documents.flatMap((file) => [...textOf(file).matchAll(PATHS)]).length).toBeGreaterThan(100);
});

test.each(documents)('%s names files that are there', (file) => {
  const named = [...textOf(file).matchAll(PATHS)].map(([, path = '']) => path);
  const missing = named.filter((path) => ![path, `${path}.ts`].some((name) => existsSync(join(ROOT, name))));
  expect(missing).toEqual([]);
});

test.each(documents)('%s links to files that are there', (file) => {
  const links = [...textOf(file).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => path);
  expect(links.filter((path) => !existsSync(join(ROOT, dirname(file), path)))).toEqual([]);
});

describe('the three ways in docs/architecture.md', () => {
  const text = textOf('docs/architecture.md');
  const section = text.slice(text.indexOf('## Three ways'), text.indexOf('## One retirement'));
  const ways = section.split('\n### ').slice(1);

  test('are three', () => {
    expect(ways.map((way) => way.split('\n')[0])).toEqual(['A rotation', 'A record', 'A revocation']);
  });

  test.each(ways.map((way) => [way.split('\n')[0], way]))(
    '%s begins at serverless.yml and visits no file twice',
    (_, way = '') => {
      const files = [...way.matchAll(/^\| (\d+) \| `([^`]+)`/gm)].map(([, number, path = '']) => ({ number, path }));
      expect(files.length).toBeGreaterThan(15);
      expect(files.map(({ number }) => Number(number))).toEqual(files.map((_file, at) => at + 1));
      expect(files[0]?.path).toBe('serverless.yml');
      expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
      expect(files.filter(({ path }) => !existsSync(join(ROOT, path)))).toEqual([]);
    },
  );
});
