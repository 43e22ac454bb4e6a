import type { JsonObject, Principal } from '../../call';
import type { PolicyDocument } from '../../contracts';
import {
  ACCOUNT,
  busArn,
  type LocalEvents,
  localEvents,
  OTHER_ACCOUNT,
  queueArn,
  REGION,
} from '../support/local-events';

const QUEUE = queueArn('queue');
const DEAD_LETTERS = queueArn('dead-letters');
const ENTRY = { Source: 'app', DetailType: 'thing-done', Detail: '{}' };
const EVERYTHING = { EventPattern: '{"source":["app"]}' };

const TRUST: PolicyDocument = {
  Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

/** A role that may do these actions on these resources, and a principal acting under it. */
function roleThat(local: LocalEvents, allows: JsonObject, trustPolicy = TRUST): { arn: string; principal: Principal } {
  const arn = `arn:aws:iam::${ACCOUNT}:role/role`;
  const role = { arn, name: 'role', principalId: 'AROAROLE' };
  const policies = [{ Statement: [{ Effect: 'Allow', ...allows }] }];
  local.iam.putRole({ ...role, accountId: ACCOUNT, trustPolicy, policies });
  const session = `arn:aws:sts::${ACCOUNT}:assumed-role/role/session`;
  return { arn, principal: { type: 'AssumedRole', accountId: ACCOUNT, arn: session, principalId: 'AROAROLE:s', role } };
}

async function admit(local: LocalEvents, EventBusName: string, account: string, from: { account: string }) {
  const statement = { Action: 'events:PutEvents', Principal: account, StatementId: `from-${account}` };
  await local.call('PutPermission', { EventBusName, ...statement }, from);
}

async function putRule(local: LocalEvents, bus: string, target: JsonObject, from = { account: ACCOUNT }) {
  await local.call('PutRule', { Name: 'rule', EventBusName: bus, ...EVERYTHING }, from);
  const Targets = [{ Id: 'target', DeadLetterConfig: { Arn: DEAD_LETTERS }, ...target }];
  await local.call('PutTargets', { Rule: 'rule', EventBusName: bus, Targets }, from);
}

function ready(): LocalEvents {
  const local = localEvents();
  local.targets.open(QUEUE, DEAD_LETTERS);
  return local;
}

describe('a caller', () => {
  it.each([
    ['PutEvents', { Entries: [ENTRY] }, busArn('default')],
    ['PutRule', { Name: 'rule', ...EVERYTHING }, `arn:aws:events:${REGION}:${ACCOUNT}:rule/rule`],
    ['CreateEventBus', { Name: 'bus' }, busArn('bus')],
  ])('may %s only where a policy allows it on the resource', async (operation, input, resource) => {
    const local = ready();
    const may = roleThat(local, { Action: `events:${operation}`, Resource: resource }).principal;
    await local.call(operation, input, { caller: may });

    const mayNot = roleThat(local, { Action: `events:${operation}`, Resource: `${resource}-other` }).principal;
    const { code, message } = await local.refusal(operation, input, { caller: mayNot });

    expect(code).toBe('AccessDeniedException');
    expect(message).toContain(`is not authorized to perform: events:${operation} on resource: ${resource}`);
  });

  it('is told nothing of a bus that it may not ask about', async () => {
    const local = ready();
    const nobody = roleThat(local, { Action: 'events:PutEvents', Resource: '*' }).principal;

    const { code } = await local.refusal('DescribeEventBus', { Name: 'missing' }, { caller: nobody });

    expect(code).toBe('AccessDeniedException');
  });

  it('of one account puts events on the bus of another only when that bus admits the account', async () => {
    const local = ready();
    const theirs = { account: OTHER_ACCOUNT };
    await local.call('CreateEventBus', { Name: 'bus' }, theirs);
    await putRule(local, 'bus', { Arn: QUEUE }, theirs);
    const Entries = [{ ...ENTRY, EventBusName: busArn('bus', OTHER_ACCOUNT) }];

    const { code } = await local.refusal('PutEvents', { Entries });
    await admit(local, 'bus', ACCOUNT, theirs);
    await local.call('PutEvents', { Entries });
    await local.settle();

    expect(code).toBe('AccessDeniedException');
    expect(local.targets.bodies(QUEUE)).toMatchObject([{ account: ACCOUNT }]);
  });

  it('is refused as a whole when one of the buses is closed to it', async () => {
    const local = ready();
    await putRule(local, 'default', { Arn: QUEUE });
    const Entries = [ENTRY, { ...ENTRY, EventBusName: busArn('default', OTHER_ACCOUNT) }];

    await local.refusal('PutEvents', { Entries });
    await local.settle();

    expect(local.targets.bodies(QUEUE)).toEqual([]);
  });
});

describe('a rule that forwards to a bus of another account', () => {
  const theirs = { account: OTHER_ACCOUNT };
  const THEIR_BUS = busArn('default', OTHER_ACCOUNT);
  const sending = { Action: 'events:PutEvents', Resource: THEIR_BUS };

  async function forward(local: LocalEvents, RoleArn: string) {
    await putRule(local, 'default', { Arn: THEIR_BUS, RoleArn });
    await putRule(local, 'default', { Arn: QUEUE }, theirs);
    await local.call('PutEvents', { Entries: [ENTRY] });
    await local.settle();
  }
  const errorCode = (local: LocalEvents) => local.targets.messages(DEAD_LETTERS)[0]?.as.attributes?.['ERROR_CODE'];

  it('needs a role', async () => {
    const local = ready();
    await local.call('PutRule', { Name: 'rule', ...EVERYTHING });

    const { message } = await local.refusal('PutTargets', { Rule: 'rule', Targets: [{ Id: 'x', Arn: THEIR_BUS }] });

    expect(message).toBe(`RoleArn is required for target ${THEIR_BUS}.`);
  });

  it('delivers with the sender as account when role and bus policy allow it', async () => {
    const local = ready();
    await admit(local, 'default', ACCOUNT, theirs);

    await forward(local, roleThat(local, sending).arn);

    expect(local.targets.bodies(QUEUE)).toMatchObject([{ account: ACCOUNT, source: 'app' }]);
    expect(errorCode(local)).toBeUndefined();
  });

  it('fails without permission when the bus does not admit the account', async () => {
    const local = ready();

    await forward(local, roleThat(local, sending).arn);

    expect(local.targets.bodies(QUEUE)).toEqual([]);
    expect(errorCode(local)).toBe('NO_PERMISSIONS');
  });

  it('fails without permission when the role may not put events there', async () => {
    const local = ready();
    await admit(local, 'default', ACCOUNT, theirs);

    await forward(local, roleThat(local, { Action: 'events:PutEvents', Resource: busArn('default') }).arn);

    expect(errorCode(local)).toBe('NO_PERMISSIONS');
  });

  it('fails when the role does not exist or does not trust EventBridge', async () => {
    const missing = ready();
    await forward(missing, `arn:aws:iam::${ACCOUNT}:role/missing`);

    const distrusted = ready();
    const trust = {
      Statement: [{ ...(TRUST.Statement as JsonObject[])[0], Principal: { Service: 'lambda.amazonaws.com' } }],
    };
    await forward(distrusted, roleThat(distrusted, sending, trust).arn);

    expect([errorCode(missing), errorCode(distrusted)]).toEqual(['FAILED_TO_ASSUME_ROLE', 'FAILED_TO_ASSUME_ROLE']);
  });
});

it('an event goes from one bus to a second and no further', async () => {
  const local = ready();
  for (const Name of ['second', 'third']) await local.call('CreateEventBus', { Name });
  await putRule(local, 'default', { Arn: busArn('second') });
  await putRule(local, 'second', { Arn: busArn('third') });
  await putRule(local, 'third', { Arn: QUEUE });

  await local.call('PutEvents', { Entries: [ENTRY] });
  await local.settle();

  const [letter] = local.targets.messages(DEAD_LETTERS);
  expect(local.targets.bodies(QUEUE)).toEqual([]);
  expect(letter?.as.attributes).toMatchObject({
    ERROR_CODE: 'THIRD_ACCOUNT_HOP_DETECTED',
    TARGET_ARN: busArn('third'),
  });
});
