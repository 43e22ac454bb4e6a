import { openStore } from '../../store';
import { ACCOUNT, eventually, localLambda, REGION } from '../support/local-lambda';

/** Prints the event; fails when it says so. */
const WORKER = `export const handler = async (event) => {
  console.log(JSON.stringify(event));
  if (event.fail) throw new Error('no');
  return { done: event.id };
};`;

const RULE = { service: 'events.amazonaws.com', sourceArn: `arn:aws:events:${REGION}:${ACCOUNT}:rule/wake` };

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.stop()));
});

function worker(configuration: Parameters<ReturnType<typeof localLambda>['createFunction']>[1] = {}, options = {}) {
  const local = localLambda(options);
  started.push(local);
  const made = local.createFunction(WORKER, configuration);
  local.engine.permit(made.arn, {
    id: 'rule',
    principal: RULE.service,
    action: 'lambda:InvokeFunction',
    sourceArn: RULE.sourceArn,
  });
  const runs = () => local.engine.logsOf(made.name);
  return { ...local, worker: made, runs, invoke: (event = {}) => local.engine.invokeLater(made.arn, event, RULE) };
}

/** Asks whether all is done, while a second passes. */
const hurried = (local: Pick<ReturnType<typeof localLambda>, 'clock' | 'engine'>) => () => {
  local.clock.advance(1_000);
  return local.engine.isIdle();
};

test('an event is accepted now and run soon', async () => {
  const local = worker();

  local.invoke({ id: 1 });

  await eventually(() => local.engine.isIdle(), Boolean);
  expect(local.runs()).toEqual(['{"id":1}']);
});

test('a function that fails is run twice more, after one minute and after two', async () => {
  const local = localLambda();
  started.push(local);
  const failing = local.createFunction('export const handler = async () => { console.log(Date.now()); throw 1; };');
  const permitted = { id: 'rule', principal: RULE.service, action: 'lambda:InvokeFunction' };
  local.engine.permit(failing.arn, permitted);

  local.engine.invokeLater(failing.arn, {}, RULE);
  await eventually(hurried(local), Boolean);

  const [first = 0, second = 0, third = 0, ...more] = local.engine.logsOf(failing.name).map(Number);
  expect([second - first, third - second].map((ms) => Math.floor(ms / 60_000))).toEqual([1, 2]);
  expect(more).toEqual([]);
});

test('an event that failed for good becomes a dead letter and a record at the destination', async () => {
  const local = localLambda();
  started.push(local);
  const deadLetterArn = await local.createQueue('dead');
  const onFailureArn = await local.createQueue('failed');
  const made = local.createFunction(WORKER, { deadLetterArn });
  local.engine.permit(made.arn, { id: 'rule', principal: RULE.service, action: 'lambda:InvokeFunction' });
  local.engine.setAsynchronous(made.arn, { retriesMax: 0, onFailureArn });

  local.engine.invokeLater(made.arn, { fail: true, id: 7 }, RULE);
  await eventually(() => local.engine.isIdle(), Boolean);

  const [letter] = await local.receive('dead');
  expect(JSON.parse(letter?.Body ?? '')).toEqual({ fail: true, id: 7 });
  expect(letter?.MessageAttributes?.['ErrorMessage']?.StringValue).toBe('no');
  const [record] = await local.receive('failed');
  expect(JSON.parse(record?.Body ?? '')).toMatchObject({
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1, functionArn: `${made.arn}:$LATEST` },
    requestPayload: { fail: true, id: 7 },
    responseContext: { functionError: 'Unhandled' },
    responsePayload: { errorType: 'Error', errorMessage: 'no' },
  });
});

test('a success is recorded at its destination, with what the function answered', async () => {
  const local = worker();
  const onSuccessArn = await local.createQueue('succeeded');
  local.engine.setAsynchronous(local.worker.arn, { onSuccessArn });

  local.invoke({ id: 3 });
  await eventually(() => local.engine.isIdle(), Boolean);

  const [record] = await local.receive('succeeded');
  expect(JSON.parse(record?.Body ?? '')).toMatchObject({
    requestContext: { condition: 'Success' },
    responsePayload: { done: 3 },
  });
});

test("a failure of Lambda's own is tried again and is not counted as a failure of the function", async () => {
  const local = worker();
  local.engine.setAsynchronous(local.worker.arn, { retriesMax: 0 });
  local.faults.set([{ service: 'lambda', kind: 'server-error', probability: 1, times: 3 }]);
  local.invoke({ id: 4 });

  await eventually(hurried(local), Boolean);

  expect(local.runs()).toEqual(['{"id":4}']);
});

test('a planned duplicate runs an event twice', async () => {
  const local = worker();
  local.faults.set([{ service: 'lambda', kind: 'duplicate', probability: 1, times: 1 }]);

  local.invoke({ id: 5 });
  await eventually(() => local.engine.isIdle(), Boolean);

  expect(local.runs()).toEqual(['{"id":5}', '{"id":5}']);
});

test('a planned late timeout has its effect and counts as a failure all the same', async () => {
  const local = worker();
  local.faults.set([{ service: 'lambda', kind: 'timeout-after-effect', probability: 1, times: 1 }]);

  local.invoke({ id: 6 });
  await eventually(hurried(local), Boolean);

  expect(local.runs()).toEqual(['{"id":6}', '{"id":6}']);
});

test('what was accepted survives the process', async () => {
  const store = openStore();
  const first = worker({ reservedConcurrency: 0 }, { store });
  first.invoke({ id: 8 });
  await first.engine.close();

  const second = localLambda({ store });
  started.push(second);
  second.engine.createFunction({ ...first.worker, reservedConcurrency: 1 }, { folder: first.worker.codeFolder });

  const lines = await eventually(
    () => second.engine.logsOf(first.worker.name),
    (logged) => logged.length > 0,
  );
  expect(lines).toEqual(['{"id":8}']);
});

test('a function that is switched off collects events until they are too old', async () => {
  const local = worker({ reservedConcurrency: 0 });
  local.invoke({ id: 9 });

  await eventually(
    () => local.engine.isIdle(),
    (idle) => !idle,
  );
  local.clock.advance(6 * 3600 * 1000 + 1);

  await eventually(() => local.engine.isIdle(), Boolean);
  expect(local.runs()).toEqual([]);
});

test.each([
  ['another service', { ...RULE, service: 's3.amazonaws.com' }],
  ['another rule', { ...RULE, sourceArn: `${RULE.sourceArn}-2` }],
])('%s than the one permitted may not invoke', (_, as) => {
  const local = worker();

  expect(() => local.engine.invokeLater(local.worker.arn, {}, as)).toThrow(
    'is not authorized to perform: lambda:InvokeFunction',
  );
});

test('a schedule invokes under its role, whose own policies must allow it', () => {
  const local = worker();
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/schedule`;
  const role = {
    arn: roleArn,
    name: 'schedule',
    accountId: ACCOUNT,
    principalId: 'AROASCHEDULE',
    trustPolicy: { Statement: [] },
  };
  const as = { service: 'scheduler.amazonaws.com', sourceArn: 'arn:aws:scheduler:::schedule/default/one', roleArn };

  local.iam.putRole({ ...role, policies: [] });
  expect(() => local.engine.invokeLater(local.worker.arn, {}, as)).toThrow('is not authorized');
  local.iam.putRole({
    ...role,
    policies: [{ Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: local.worker.arn }] }],
  });
  expect(() => local.engine.invokeLater(local.worker.arn, {}, as)).not.toThrow();
});

test('a function that does not exist is named in the refusal', () => {
  const local = worker();

  expect(() => local.engine.invokeLater(`${local.worker.arn}-2`, {}, RULE)).toThrow(
    `Function not found: ${local.worker.arn}-2`,
  );
});
