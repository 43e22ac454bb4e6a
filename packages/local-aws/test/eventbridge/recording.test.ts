import { differences } from '../support/recording';

describe('comparing with a recording', () => {
  it('finds a field that is missing, surplus or different', () => {
    expect(differences({ a: 1, b: 2 }, { a: 1 })).toHaveLength(1);
    expect(differences({ a: 1 }, { a: 1, b: 2 })).toHaveLength(1);
    expect(differences({ a: [1, { b: 'x' }] }, { a: [1, { b: 'y' }] })).toHaveLength(1);
    expect(differences({ a: [1, { b: 'x' }] }, { a: [1, { b: 'x' }] })).toEqual([]);
  });

  it('takes a placeholder for one text, the same wherever it stands', () => {
    const recorded = { arn: 'arn:<partition>:events:<region>:1:event-bus/<name>', name: '<name>' };

    expect(differences(recorded, { arn: 'arn:aws:events:us-east-1:1:event-bus/bus', name: 'bus' })).toEqual([]);
    expect(differences(recorded, { arn: 'arn:aws:events:us-east-1:1:event-bus/bus', name: 'other' })).toHaveLength(1);
  });

  it('takes placeholders of different numbers for different texts', () => {
    const recorded = { one: '<uuid:1>', other: '<uuid:2>' };

    expect(differences(recorded, { one: 'a', other: 'b' })).toEqual([]);
    expect(differences(recorded, { one: 'a', other: 'a' })).toHaveLength(1);
  });

  it('reads JSON text where an object was recorded', () => {
    expect(differences({ body: { a: 1 } }, { body: '{"a":1}' })).toEqual([]);
    expect(differences({ body: { a: 1 } }, { body: '{"a":2}' })).toHaveLength(1);
    expect(differences({ body: { a: 1 } }, { body: 'text' })).toHaveLength(1);
  });
});
