import { failedIds } from '../../lambda/batch-answer';

const IDS = ['a', 'b', 'c'];
const failedOf = (answer: unknown, reportsFailures = true) =>
  [...failedIds({ payload: JSON.stringify(answer) ?? 'null' }, IDS, reportsFailures)].sort();

test.each([
  ['null', null],
  ['an empty object', {}],
  ['an empty list', { batchItemFailures: [] }],
  ['a list that is null', { batchItemFailures: null }],
])('%s acknowledges every record', (_, answer) => {
  expect(failedOf(answer)).toEqual([]);
});

test.each([
  ['an empty id', { batchItemFailures: [{ itemIdentifier: '' }] }],
  ['an id that is null', { batchItemFailures: [{ itemIdentifier: null }] }],
  ['a misspelt key', { batchItemFailures: [{ itemIdentifer: 'a' }] }],
  ['an id that is not in the batch', { batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'z' }] }],
  ['a failure that is null', { batchItemFailures: [null] }],
  ['a list that is none', { batchItemFailures: 'a' }],
  ['an answer that is no object', 'done'],
])('%s fails the whole batch', (_, answer) => {
  expect(failedOf(answer)).toEqual(IDS);
});

test('only the records named fail, each once', () => {
  expect(failedOf({ batchItemFailures: [{ itemIdentifier: 'b' }, { itemIdentifier: 'b' }] })).toEqual(['b']);
});

test('a function that does not report failures acknowledges all by returning anything', () => {
  expect(failedOf({ batchItemFailures: [{ itemIdentifier: 'b' }] }, false)).toEqual([]);
});

test('an error fails the whole batch', () => {
  const failure = { errorType: 'Error', errorMessage: 'no' };

  expect([...failedIds({ failure }, IDS, true)]).toEqual(IDS);
});
