import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { optionsPage } from '../../../../cli/docs/options-page';

test('docs/options.md is up to date: otherwise run `npm run docs`', () => {
  expect(readFileSync(join(__dirname, '../../../../docs/options.md'), 'utf8')).toBe(optionsPage());
});
