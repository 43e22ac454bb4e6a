import fc from 'fast-check';
import { printableJson } from '../../../../cli/output/printable-json';

const OBEYED = /[\u007f-\u009f\u2028\u2029\u{e0000}-\u{e007f}]|\p{Cf}/u;

test('what a terminal obeys is escaped: C1, directions of writing, tags, line separators', () => {
  const names = ['\u009b2J', '\u202e', '\u{e0041}', '\u2028', '\u007f', '\u001b[2J', 'é 😀'];
  const text = printableJson(JSON.stringify(names, null, 2));

  expect(text).not.toMatch(OBEYED);
  expect(text).toContain('é 😀');
  expect(JSON.parse(text)).toEqual(names);
});

test('any value reads back as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
      const json = JSON.stringify(value, null, indent);
      expect(JSON.parse(printableJson(json))).toEqual(JSON.parse(json));
    }),
  );
});
