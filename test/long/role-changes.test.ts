/** A customer changes the role that they opened to us: IAM tells of it, and the packaged product says what became of the role before it bites. */
import { EventBridgeClient, PutPermissionCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { ACCOUNT } from 'local-aws/test/support/local-aws';
import { customerAccountTemplate, roleEventsTemplate } from '../../cli/start/customer-account';
import { NEEDED_ACTIONS } from '../../shared/domain/availability/policy/needed-actions';
import { onboardCustomer } from '../../shared/domain/customers/onboard-customer';
import { kmsPorts } from '../../shared/runtime/aws-ports';
import { basicsOf } from '../../shared/runtime/basics';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';
import { connectedPhone, type Phone } from '../support/phone';

const THEIRS = '444455556666';
const ROLE = { RoleName: 'keywright-use' };
const USE = { ...ROLE, PolicyName: 'use' };
const EXTERNAL_ID = 'kw-acme';
const MINUTE_MS = 60_000;

let product: DeployedProduct;
let phone: Phone;
let iam: IAMClient;
beforeAll(async () => {
  product = await deployedProduct();
  phone = await connectedPhone(product.outputs['OncallTopicArn'] ?? '');
  iam = new IAMClient({ credentials: product.aws.credentials(THEIRS) });
});
afterAll(async () => {
  iam.destroy();
  await product.stop();
});

const document = (...statements: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const trusting = (externalId: string, account = ACCOUNT) =>
  document({
    Sid: 'LetIn',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'sts:ExternalId': externalId } },
  });
const trust = (PolicyDocument: string) => iam.send(new UpdateAssumeRolePolicyCommand({ ...ROLE, PolicyDocument }));

/** The role as they wrote it: all that we need, of that key. */
async function makeRole(kmsKeyArn: string): Promise<void> {
  await iam.send(new CreateRoleCommand({ ...ROLE, AssumeRolePolicyDocument: trusting(EXTERNAL_ID) }));
  const Action = NEEDED_ACTIONS.map(({ action }) => action);
  const PolicyDocument = document({ Sid: 'Use', Effect: 'Allow', Action, Resource: kmsKeyArn });
  await iam.send(new PutRolePolicyCommand({ ...USE, PolicyDocument }));
}

/** The kit with its stack for the role's changes, and a customer whose key is reached by that role alone. */
async function customerByRole(): Promise<string> {
  const customerBusArn = product.outputs['CustomerBusArn'] ?? '';
  const about = { customerId: 'acme', accountId: THEIRS, alias: 'alias/acme-data', externalId: EXTERNAL_ID };
  const kit = { ...about, providerAccountId: ACCOUNT, customerBusArn, useRoleName: ROLE.RoleName };
  const { outputs } = await product.aws.deploy(customerAccountTemplate(kit), { accountId: THEIRS, stackName: 'kit' });
  const there = { accountId: THEIRS, stackName: 'kit-roles', region: 'us-east-1' };
  await product.aws.deploy(roleEventsTemplate(kit), there);
  const EventBusName = customerBusArn.split('/').at(-1);
  const admit = { StatementId: 'acme', Action: 'events:PutEvents', Principal: THEIRS };
  await new EventBridgeClient().send(new PutPermissionCommand({ EventBusName, ...admit }));
  const kmsKeyArn = outputs['KeyArn'] ?? '';
  await makeRole(kmsKeyArn);
  const roleArn = `arn:aws:iam::${THEIRS}:role/${ROLE.RoleName}`;
  const observer = { roleArn: outputs['ObserverRoleArn'] ?? '', externalId: EXTERNAL_ID };
  const clock = { now: () => new Date(product.aws.clock.now()).toISOString() };
  await onboardCustomer(
    {
      customer: { customerId: 'acme', name: 'Acme Corp', accountId: THEIRS },
      key: {
        ...{ kmsKeyArn, option: 'customer-managed', observer },
        access: { via: 'role', roleArn, externalId: EXTERNAL_ID },
      },
      dataStores: [{ dataStoreId: 'documents', kind: 'application', capabilities: ['search'] }],
      rotation: { strategy: 'customer', periodDays: 365, reencrypt: true, dueAt: '2099-01-01T00:00:00.000Z' },
    },
    { control: product.control, ...kmsPorts(), ...basicsOf('test'), clock },
  );
  return kmsKeyArn;
}

async function minutes(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    product.aws.clock.advance(MINUTE_MS);
    await product.aws.idle();
  }
}

async function openIncident(kmsKeyArn: string) {
  const watch = await product.control.find('key-watch', kmsKeyArn);
  return watch?.openIncidentId ? product.control.find('incident', watch.openIncidentId) : undefined;
}

test('what became of the role is told with the statement at fault, and is over once it lets us in again', async () => {
  const kmsKeyArn = await customerByRole();
  await minutes(2);
  expect(await openIncident(kmsKeyArn)).toBeUndefined();

  const NoNew = { Sid: 'NoNew', Effect: 'Deny', Action: 'kms:GenerateDataKey*', Resource: '*' };
  const limits = { ...ROLE, PolicyName: 'limits' };
  const acts: readonly [
    take: () => Promise<unknown>,
    giveBack: () => Promise<unknown>,
    expected: { readonly cause: string; readonly evidence?: unknown; readonly lost?: unknown },
  ][] = [
    [
      () => trust(trusting('kw-other')),
      () => trust(trusting(EXTERNAL_ID)),
      { cause: 'external-id-refused', evidence: expect.stringContaining('LetIn') },
    ],
    [
      () => trust(trusting(EXTERNAL_ID, '999988887777')),
      () => trust(trusting(EXTERNAL_ID)),
      { cause: 'trust-lost', evidence: expect.stringContaining('its trust policy has no statement for us') },
    ],
    [
      () => iam.send(new PutRolePolicyCommand({ ...limits, PolicyDocument: document(NoNew) })),
      () => iam.send(new DeleteRolePolicyCommand(limits)),
      { cause: 'role-permissions', lost: [{ action: 'kms:GenerateDataKey', policy: 'limits', statement: 'NoNew' }] },
    ],
    [
      async () => {
        await iam.send(new DeleteRolePolicyCommand(USE));
        await iam.send(new DeleteRoleCommand(ROLE));
      },
      () => makeRole(kmsKeyArn),
      { cause: 'role-gone' },
    ],
  ];
  for (const [at, [take, giveBack, expected]] of acts.entries()) {
    await take();
    // By its event: no probe is due. On a busy machine a function may be late for its page, which comes a minute or two later.
    await product.aws.idle();
    for (let minute = 0; minute < 3 && !(await openIncident(kmsKeyArn))?.pagedAt; minute += 1) await minutes(1);
    // IAM deletes no role that has policies: that they are gone may be told first, for as long as sessions last.
    const first = await openIncident(kmsKeyArn);
    if (expected.cause === 'role-gone' && !(first?.kind === 'key' && first.cause === 'role-gone')) {
      product.aws.clock.advance(60 * MINUTE_MS);
      await minutes(5);
    }
    const incident = await openIncident(kmsKeyArn);
    expect(incident).toMatchObject({ party: 'customer', pagedAt: expect.any(String), ...expected });
    await giveBack();
    // A role that is made again has no policies for a moment: what comes and goes is over once it has been quiet.
    for (let minute = 0; minute < 10 && (await openIncident(kmsKeyArn)); minute += 1) await minutes(1);
    expect(await openIncident(kmsKeyArn)).toBeUndefined();
    // The next one is none that flaps.
    product.aws.clock.advance(15 * MINUTE_MS);
    await minutes(1);
    expect(await phone.pagesAbout(kmsKeyArn)).toHaveLength(2 * (at + 1));
  }
}, 480_000);
