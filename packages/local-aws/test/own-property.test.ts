import type { Principal } from '../call';
import { movableClock } from '../clock';
import { accessesOf, isItemOperation } from '../dynamodb/accesses';
import { contextOf } from '../iam/context';
import { iam } from '../iam/iam';
import { policyFault } from '../iam/policy';
import { own } from '../own-property';
import { textOfTag } from '../s3/xml-text';
import { changedAttributes, isSetting } from '../sqs/queues/attributes';
import { openStore } from '../store';
import { sts } from '../sts/engine';

/** In each form in which some object of JavaScript has it without having been given it. */
const INHERITED = ['constructor', 'toString', '__proto__', 'hasOwnProperty'];

const CALLER: Principal = {
  type: 'IAMUser',
  accountId: '111111111111',
  arn: 'arn:aws:iam::111111111111:user/ann',
  principalId: 'AIDAANN',
};

test.each(INHERITED)('what a table was not given it has not: %s', (name) => {
  expect(own({ a: 1 }, name)).toBeUndefined();
  expect(own({ [name]: 1 }, name)).toBe(1);
});

test.each(INHERITED)('%s is no operation of a service', async (operation) => {
  const engine = sts({ iam: iam({ store: openStore(), clock: movableClock(() => 0) }) });
  const call = { service: 'sts', operation, region: 'eu-central-1', caller: CALLER, input: {} };

  const outcome = await engine.handle({ ...call, requestId: '1', sourceIp: '127.0.0.1', userAgent: '-' });

  expect(outcome.error?.code).toBe('InvalidAction');
  expect(isItemOperation(operation)).toBe(false);
  expect(accessesOf(operation, { TableName: 't' })).toEqual([{ action: operation, table: 't' }]);
});

test.each(INHERITED)('%s is no condition operator and no condition key of ours', (name) => {
  const Statement = [{ Effect: 'Allow', Action: '*', Resource: '*', Condition: { [name]: { 'aws:userid': 'a' } } }];
  const permission = { action: 'a:b', resource: '*', resourceAccountId: CALLER.accountId };

  expect(policyFault({ Version: '2012-10-17', Statement })).toBe(`${name} is not a condition operator.`);
  expect(contextOf(CALLER, permission, 0)(name)).toBeUndefined();
});

test.each(INHERITED)('%s is no attribute of a queue', (name) => {
  expect(isSetting(name, true)).toBe(false);
  expect(() => changedAttributes({}, Object.fromEntries([[name, 'x']]), true)).toThrow(/Unknown Attribute/);
});

test('an entity that XML does not know stays as it is written', () => {
  expect(textOfTag('<a>&constructor;&lt;</a>', 'a')).toBe('&constructor;<');
});
