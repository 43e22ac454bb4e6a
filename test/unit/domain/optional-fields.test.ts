/** Optional fields: what is undefined is not there, and everything else is as it was. */
import { defined } from '../../../shared/domain/optional-fields';

test('only what is undefined is left out, in the order that was given', () => {
  const fields = defined({ none: undefined, empty: '', zero: 0, no: false, nothing: null, some: 'text' });

  expect(fields).toStrictEqual({ empty: '', zero: 0, no: false, nothing: null, some: 'text' });
  expect(Object.keys(fields)).toEqual(['empty', 'zero', 'no', 'nothing', 'some']);
});
