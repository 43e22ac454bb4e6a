import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lifecyclePage } from '../../../../cli/docs/lifecycle-page';
import { LIFECYCLES } from '../../../../cli/docs/lifecycles/tables';
import type { Moves } from '../../../../shared/domain/legal-moves';

const PAGE = lifecyclePage();

test('docs/lifecycle.md is up to date: otherwise run `npm run docs`', () => {
  expect(readFileSync(join(__dirname, '../../../../docs/lifecycle.md'), 'utf8')).toBe(PAGE);
});

test('every table has a section, and every legal move an arrow and a way out', () => {
  const tables: readonly Moves<never>[] = Object.values(LIFECYCLES).flat();
  const sections = PAGE.split(/^## .*$/m).slice(1);

  expect(sections).toHaveLength(tables.length);
  for (const [at, { states }] of tables.entries()) {
    const section = sections[at] ?? '';
    for (const [from, { next }] of Object.entries(states))
      for (const to of next) expect(section).toContain(`${from} --> ${to}`.replaceAll(/(\w)-(?=\w)/g, '$1_'));
    const moves = Object.values(states).reduce((sum, { next }) => sum + next.length, 0);
    const begins = Object.values(states).filter(({ initial }) => initial).length;
    expect(section.match(/^\| .*\| `[\w-]+` \|/gm)).toHaveLength(moves + begins);
  }
});

test('a way out says who may cause it and which fact says so', () => {
  expect(PAGE).toContain('| `paused` | one person | `reencryption-changed.v1` |');
  expect(PAGE).toContain('| two people | `retirement-advanced.v1`, later |');
});
