import { inputFor, readFunctionInput, valueAt } from '../../eventbridge/delivery/target-input';

const EVENT = {
  version: '0',
  id: 'event-id',
  source: 'app',
  detail: { name: 'a "b"', count: 2, list: [{ x: 1 }], 'a.b': true },
};
const CIRCUMSTANCES = { ruleArn: 'arn:rule', ruleName: 'rule', acceptedAt: Date.UTC(2026, 0, 1) };
const QUEUE = { Id: 'target', Arn: 'arn:aws:sqs:r:1:q' };

const transformed = (InputTemplate: string, InputPathsMap: Record<string, string> = {}) =>
  inputFor({ ...QUEUE, InputTransformer: { InputTemplate, InputPathsMap } }, EVENT, CIRCUMSTANCES);

it('a target receives the event, a constant, or a part of the event', () => {
  expect(JSON.parse(inputFor(QUEUE, EVENT, CIRCUMSTANCES))).toEqual(EVENT);
  expect(inputFor({ ...QUEUE, Input: '{"a": 1}' }, EVENT, CIRCUMSTANCES)).toBe('{"a": 1}');
  expect(inputFor({ ...QUEUE, InputPath: '$.detail.count' }, EVENT, CIRCUMSTANCES)).toBe('2');
  expect(inputFor({ ...QUEUE, InputPath: '$.missing' }, EVENT, CIRCUMSTANCES)).toBe('null');
});

it('a template is filled with values, written as JSON outside texts and plainly inside them', () => {
  const paths = { name: '$.detail.name', count: '$.detail.count', list: '$.detail.list', none: '$.detail.none' };

  expect(JSON.parse(transformed('{"n": <name>, "c": <count>, "l": <list>, "x": <none>}', paths))).toEqual({
    n: 'a "b"',
    c: 2,
    l: [{ x: 1 }],
    x: null,
  });
  expect(JSON.parse(transformed('"<name> has <count>, <none> and \\"<list>\\""', paths))).toBe(
    'a "b" has 2,  and "[{"x":1}]"',
  );
});

it('a template may name the rule and the whole event, and leaves other placeholders alone', () => {
  const template =
    '{"r": <aws.events.rule-arn>, "n": "<aws.events.rule-name>", "t": <aws.events.event.ingestion-time>}';

  expect(JSON.parse(transformed(template))).toEqual({ r: 'arn:rule', n: 'rule', t: '2026-01-01T00:00:00.000Z' });
  expect(JSON.parse(transformed('<aws.events.event.json>'))).toEqual(EVENT);
  expect(JSON.parse(transformed('<aws.events.event>'))).not.toHaveProperty('detail');
  expect(transformed('"<unknown>"')).toBe('"<unknown>"');
});

it('a path leads through objects, lists and quoted names, and nowhere else', () => {
  expect(valueAt(EVENT, '$')).toBe(EVENT);
  expect(valueAt(EVENT, '$.detail.list[0].x')).toBe(1);
  expect(valueAt(EVENT, "$.detail['a.b']")).toBe(true);
  expect(valueAt(EVENT, '$.detail.count.toString')).toBeUndefined();
  expect(valueAt(EVENT, '$.constructor')).toBeUndefined();
  expect(valueAt(EVENT, 'detail')).toBeUndefined();
});

it('a function takes only a JSON object', () => {
  expect(readFunctionInput('{"a":1}')).toEqual({ a: 1 });
  for (const text of ['1', '[]', 'null', '{']) expect(() => readFunctionInput(text)).toThrow('no JSON object');
});
