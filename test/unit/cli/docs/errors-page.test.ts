import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorsPage } from '../../../../cli/docs/errors-page';

test('docs/errors.md is up to date: otherwise run `npm run docs`', () => {
  expect(readFileSync(join(__dirname, '../../../../docs/errors.md'), 'utf8')).toBe(errorsPage());
});

test('each code says what becomes of it', () => {
  expect(errorsPage()).toMatch(/^\| `kms.throttled` \| .* \| retried \|/m);
  expect(errorsPage()).toMatch(/^\| `kms.key-disabled` \| .* \| parked \|/m);
});
