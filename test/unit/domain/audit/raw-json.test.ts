import fc from 'fast-check';
import { elementsOf, membersOf, partAt, withoutSpaces } from '../../../../shared/domain/audit/raw-json';

/** Any JSON value as text, and as text with whitespace between its parts. */
const json = fc.json({ maxDepth: 4 });
const spaced = json.map((text) => JSON.stringify(JSON.parse(text), null, 2));

test('parts read as JSON.parse reads them', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
      fc.constantFrom(0, 1),
      (value, indent) => {
        const members = membersOf(JSON.stringify(value, null, indent));
        expect([...members].map(([name, { text }]) => [name, JSON.parse(text)])).toEqual(
          Object.entries(JSON.parse(JSON.stringify(value))).sort(byOrderOf([...members.keys()])),
        );
      },
    ),
  );
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 1), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(elementsOf(text).map((element) => JSON.parse(element.text))).toEqual(JSON.parse(text));
    }),
  );
});

const byOrderOf =
  (names: readonly string[]) =>
  ([one]: readonly [string, unknown], [other]: readonly [string, unknown]) =>
    names.indexOf(one) - names.indexOf(other);

test('without its spaces a text is the one that JSON.stringify writes, and says so', () => {
  fc.assert(
    fc.property(spaced, (text) => {
      const compact = JSON.stringify(JSON.parse(text));
      expect(withoutSpaces(text)).toBe(compact);
      expect(partAt(`{"a":${text}}`, ['a'])).toMatchObject({ text, isCompact: text === compact });
    }),
  );
});

test('numbers and escapes stay as they were written', () => {
  const text = '{ "a" : [ 1.0 , 9007199254740993,-0 ,1E400 ] , "\\u0062" : "\\u0063\\"}]" , "a\\\\": null }';

  expect([...membersOf(text)].map(([name, slice]) => [name, slice.text])).toEqual([
    ['a', '[ 1.0 , 9007199254740993,-0 ,1E400 ]'],
    ['b', '"\\u0063\\"}]"'],
    ['a\\', 'null'],
  ]);
  expect(elementsOf('[ 1.0 , 9007199254740993,-0 ,1E400 ]').map((element) => element.text)).toEqual([
    ...['1.0', '9007199254740993', '-0', '1E400'],
  ]);
});

test('of a name that is there twice the last counts', () => {
  expect(partAt('{"a":1,"b":{"c":2},"a":{"c":3}}', ['a', 'c'])).toMatchObject({ text: '3' });
});

test('a member is its text, whether or not JSON.stringify would write it so', () => {
  for (const text of ['{"a":1.5,"b":"c"}', '{"a":1.0}', '{ "a":1}', '{"a":9007199254740993}']) {
    for (const whole of [`{"x":1,"detail":${text}}`, `{"detail":${text} }`, `{"detail":${text},"x":{"detail":{}}}`]) {
      expect(partAt(whole, ['detail']).text).toBe(text);
    }
  }
});

test('what is not in the text is refused by its path', () => {
  expect(() => partAt('{"a":{}}', ['a', 'b'])).toThrow(expect.objectContaining({ path: 'a.b' }));
});
