/** A way that the packaged product depends on is cut, and nothing else is wrong: it tells of itself, and of no customer. */
import {
  DisableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  PutPermissionCommand,
} from '@aws-sdk/client-eventbridge';
import { ACCOUNT } from 'local-aws/test/support/local-aws';
import { customerAccountTemplate } from '../../cli/start/customer-account';
import { unsettledIncidents } from '../../shared/domain/availability/incidents/find-incidents';
import { isOperators, isOver } from '../../shared/domain/availability/incidents/incident';
import { onboardCustomer } from '../../shared/domain/customers/onboard-customer';
import { kmsPorts } from '../../shared/runtime/aws-ports';
import { basicsOf } from '../../shared/runtime/basics';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';

const CUSTOMER_ACCOUNT = '444455556666';
const MINUTE_MS = 60_000;

let product: DeployedProduct;
beforeAll(async () => {
  product = await deployedProduct();
});
afterAll(() => product.stop());

async function minutes(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    product.aws.clock.advance(MINUTE_MS);
    await product.aws.idle();
  }
}

/** What is open, by trouble and subject; a key's incident would be among it by its cause. */
async function open(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const incident of unsettledIncidents({ control: product.control }))
    if (!isOver(incident))
      found.push(isOperators(incident) ? `${incident.trouble}: ${incident.subject}` : incident.cause);
  return found.sort();
}

test('a customer’s forwarding that stops is told, and so is a function that is not started', async () => {
  const customerBusArn = product.outputs['CustomerBusArn'] ?? '';
  const about = { customerId: 'acme', accountId: CUSTOMER_ACCOUNT, alias: 'alias/acme-data', externalId: 'kw-acme' };
  const kit = customerAccountTemplate({ ...about, providerAccountId: ACCOUNT, customerBusArn });
  const deployed = await product.aws.deploy(kit, { accountId: CUSTOMER_ACCOUNT, stackName: 'onboarding' });
  await new EventBridgeClient().send(
    new PutPermissionCommand({
      EventBusName: customerBusArn.split('/').at(-1),
      ...{ StatementId: 'acme', Action: 'events:PutEvents', Principal: CUSTOMER_ACCOUNT },
    }),
  );
  const clock = { now: () => new Date(product.aws.clock.now()).toISOString() };
  await onboardCustomer(
    {
      customer: { customerId: 'acme', name: 'Acme Corp', accountId: CUSTOMER_ACCOUNT },
      key: { kmsKeyArn: deployed.outputs['KeyArn'] ?? '', option: 'customer-managed', access: { via: 'key-policy' } },
      dataStores: [{ dataStoreId: 'documents', kind: 'application', capabilities: ['search'] }],
      rotation: { strategy: 'customer', periodDays: 365, reencrypt: true, dueAt: '2099-01-01T00:00:00.000Z' },
    },
    { control: product.control, ...kmsPorts(), ...basicsOf('test'), clock },
  );
  await minutes(11);
  expect(await product.control.find('forwarder', CUSTOMER_ACCOUNT)).toMatchObject({ customerId: 'acme', beats: true });
  expect(await open()).toEqual([]);

  const theirs = new EventBridgeClient({ credentials: product.aws.credentials(CUSTOMER_ACCOUNT) });
  for (const name of ['ForwardHeartbeats', 'ForwardKeyEvents']) {
    const rule = (await rulesOf(theirs)).find((one) => one.includes(name)) ?? name;
    await theirs.send(new DisableRuleCommand({ Name: rule }));
  }
  theirs.destroy();
  await minutes(17);
  const silent = `forwarder-silent: account ${CUSTOMER_ACCOUNT} of customer acme`;
  expect(await open()).toEqual([silent]);

  // From here on nothing comes to rest: what a function that is away should read waits in its queue.
  await product.switchOff('probe-keys');
  const both = [silent, 'probes-silent: probe-keys'];
  for (let minute = 0; minute < 20 && (await open()).length < both.length; minute += 1) {
    product.aws.clock.advance(MINUTE_MS);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  }
  expect(await open()).toEqual(both);
}, 300_000);

async function rulesOf(client: EventBridgeClient): Promise<readonly string[]> {
  const { Rules = [] } = await client.send(new ListRulesCommand({}));
  return Rules.map(({ Name = '' }) => Name);
}
