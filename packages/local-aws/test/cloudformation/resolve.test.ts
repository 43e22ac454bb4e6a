import type { Json } from '../../call';
import { resolve, resolveFields } from '../../cloudformation/resolve';
import { scopeOf } from '../../cloudformation/scope';
import type { Template } from '../../cloudformation/template';

const TEMPLATE: Template = {
  Parameters: { Stage: { Default: 'dev' }, Needed: {} },
  Conditions: {
    IsDev: { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] },
    IsNotDev: { 'Fn::Not': [{ Condition: 'IsDev' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsDev' }, { Condition: 'IsNotDev' }] },
    Both: { 'Fn::And': [{ Condition: 'IsDev' }, { Condition: 'IsNotDev' }] },
  },
  Mappings: { Sizes: { dev: { memory: 128 } } },
  Resources: {},
};

const MADE = new Map([
  ['Queue', { physicalId: 'http://queue', attributes: { Arn: 'arn:queue', 'Endpoint.Port': '1' } }],
]);

const scope = scopeOf(TEMPLATE, { accountId: '111122223333', region: 'eu-central-1', stackName: 'keywright' }, MADE);
const resolved = (value: Json) => resolve(value, scope);

test.each<[string, Json, Json]>([
  ['Ref of a resource', { Ref: 'Queue' }, 'http://queue'],
  ['Ref of a parameter', { Ref: 'Stage' }, 'dev'],
  ['Ref of a pseudo parameter', { Ref: 'AWS::AccountId' }, '111122223333'],
  ['GetAtt as a list', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:queue'],
  ['GetAtt as one text, with a dot in the attribute', { 'Fn::GetAtt': 'Queue.Endpoint.Port' }, '1'],
  [
    'Sub',
    { 'Fn::Sub': `a \${Queue.Arn} \${AWS::Region} \${Stage} \${!Literal}` },
    `a arn:queue eu-central-1 dev \${Literal}`,
  ],
  ['Sub with names of its own', { 'Fn::Sub': [`\${A}/\${Stage}`, { A: { Ref: 'Queue' } }] }, 'http://queue/dev'],
  ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Stage' }, 1]] }, 'a-dev-1'],
  ['Select of a Split', { 'Fn::Select': [1, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Queue', 'Arn'] }] }] }, 'queue'],
  ['If, condition true', { 'Fn::If': ['IsDev', 'yes', 'no'] }, 'yes'],
  ['If, condition false', { 'Fn::If': ['IsNotDev', 'yes', 'no'] }, 'no'],
  ['Or', { 'Fn::If': ['Either', 1, 2] }, 1],
  ['And', { 'Fn::If': ['Both', 1, 2] }, 2],
  ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'memory'] }, 128],
  ['Base64', { 'Fn::Base64': 'text' }, 'dGV4dA=='],
  ['no intrinsic at all', { a: [1, null, { b: false }] }, { a: [1, null, { b: false }] }],
])('%s', (_, value, expected) => {
  expect(resolved(value)).toEqual(expected);
});

test('AWS::NoValue leaves out the field or the element that it stands for', () => {
  const none = { 'Fn::If': ['IsNotDev', 'x', { Ref: 'AWS::NoValue' }] };

  expect(resolveFields({ a: none, b: [none, 'kept'], c: 1 }, scope)).toEqual({ b: ['kept'], c: 1 });
});

test("a policy's Condition is a plain field", () => {
  const statement = { Condition: { StringEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['Queue', 'Arn'] } } } };

  expect(resolved(statement)).toEqual({ Condition: { StringEquals: { 'aws:SourceArn': 'arn:queue' } } });
});

test.each<[string, Json, string]>([
  ['an unknown name', { Ref: 'Nothing' }, 'there is no parameter or resource Nothing'],
  ['an unknown attribute', { 'Fn::GetAtt': ['Queue', 'Colour'] }, 'Queue has no attribute Colour'],
  ['an unknown function', { 'Fn::ImportValue': 'x' }, 'Fn::ImportValue is not supported'],
  ['an unknown condition', { 'Fn::If': ['Never', 1, 2] }, 'There is no condition Never'],
  ['a parameter without a value', { Ref: 'Needed' }, 'The parameter Needed has no value and no default'],
  ['an element that is not there', { 'Fn::Select': [3, ['a']] }, 'no element 3'],
  ['a text made of an object', { 'Fn::Join': ['', [{ a: 1 }]] }, 'A text is needed instead of {"a":1}'],
])('%s is refused by name', (_, value, message) => {
  expect(() => resolved(value)).toThrow(message);
});
