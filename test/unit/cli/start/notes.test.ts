import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalAwsFault } from 'local-aws/start-refused';
import { openNotes } from '../../../../cli/start/notes';

const folder = mkdtempSync(join(tmpdir(), 'notes-'));
const file = join(folder, 'scenario.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the first value of a name is the one that the next process finds', () => {
  openNotes(file).once('chosen', () => 1);

  expect(openNotes(file).once('chosen', () => 2)).toBe(1);
});

test.each(['', '{"chosen":', '[1]', 'null', '{"chosen":{"a":1}}'])(
  'damaged notes are told with a way out: %j',
  (text) => {
    writeFileSync(file, text);

    expect(() => openNotes(file)).toThrow(LocalAwsFault);
    expect(() => openNotes(file)).toThrow(/scenario\.json is damaged, .* move it away and begin anew\.$/);
  },
);

test('a named pipe in their place is damage too, and nobody waits for its writer', () => {
  rmSync(file);
  execFileSync('mkfifo', [file]);

  expect(() => openNotes(file)).toThrow(/scenario\.json is damaged/);

  rmSync(file);
  execFileSync('mkfifo', [`${file}.new`]);
  expect(openNotes(file).once('chosen', () => 3)).toBe(3);
  expect(openNotes(file).get('chosen')).toBe(3);
});
