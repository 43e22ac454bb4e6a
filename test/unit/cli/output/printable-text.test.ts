import { printable, printableLines } from '../../../../cli/output/printable-text';
import { table } from '../../../../cli/output/table';

test.each([
  ['an escape', 'a\u001b[2Jb', 'a\\u{1b}[2Jb'],
  ['a control character of one byte in other encodings', 'a\u009b2Jb', 'a\\u{9b}2Jb'],
  ['a bell, a backspace, a delete', '\u0007\b\u007f', '\\u{7}\\u{8}\\u{7f}'],
  ['a carriage return', 'bad\rgood', 'bad\\u{d}good'],
  ['other ends of a line', 'a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
  ['letters that turn the direction', 'a\u202eb\u2066c\u200f', 'a\\u{202e}b\\u{2066}c\\u{200f}'],
  ['letters without width', 'ac\u200bme\ufeff', 'ac\\u{200b}me\\u{feff}'],
  ['a tag', 'a\u{e0041}', 'a\\u{e0041}'],
  ['half of a pair', 'a\ud800', 'a\\u{d800}'],
])('%s is shown', (_what, text, shown) => {
  expect(printable(text)).toBe(shown);
  expect(printableLines(text)).toBe(shown);
});

test('letters of every script stay as they are', () => {
  const text = 'Zürich, 鍵, मुद्रा, 🔑, שלום';

  expect([printable(text), printableLines(text)]).toEqual([text, text]);
});

test('a name cannot begin a line of its own, a text may have several', () => {
  expect(printable('a\nb')).toBe('a\\u{a}b');
  expect(printableLines('a\nb')).toBe('a\nb');
});

test('a table shows what its cells hold', () => {
  const lines = table([{ title: 'key' }], [['a\u001b[8mb\nc']]);

  expect(lines).toContain('a\\u{1b}[8mb\\u{a}c');
});
