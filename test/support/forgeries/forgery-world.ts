/** The packaged product with three customers: two who hold their keys in accounts of their own, one with a key of ours. */
import {
  EventBridgeClient,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { ACCOUNT } from 'local-aws/test/support/local-aws';
import { customerAccountTemplate } from '../../../cli/start/customer-account';
import { onboardCustomer } from '../../../shared/domain/customers/onboard-customer';
import { kmsPorts } from '../../../shared/runtime/aws-ports';
import { basicsOf } from '../../../shared/runtime/basics';
import type { DeployedProduct } from '../deployed-product';
import type { ForgeryWorld, Party } from './kind';

export async function forgeryWorld(product: DeployedProduct): Promise<ForgeryWorld> {
  const victim = await party(product, 'acme', '444455556666');
  const neighbour = await party(product, 'globex', '555566667777');
  const strangerAccountId = '666677778888';
  await forwardEverything(product, neighbour.accountId, `arn:aws:iam::${neighbour.accountId}:role/keywright-forwarder`);
  await forwardEverything(product, victim.accountId, `arn:aws:iam::${victim.accountId}:role/keywright-forwarder`);
  await forwardEverything(product, strangerAccountId, strangersRole(product, strangerAccountId));
  return { product, victim, neighbour, strangerAccountId, ourKeyArn: await product.customer('hooli', 1) };
}

/** A customer by the onboarding kit, let in by name. */
async function party(product: DeployedProduct, customerId: string, accountId: string): Promise<Party> {
  const customerBusArn = product.outputs['CustomerBusArn'] ?? '';
  const about = { customerId, accountId, alias: `alias/${customerId}-data`, externalId: `kw-${customerId}` };
  const kit = customerAccountTemplate({ ...about, providerAccountId: ACCOUNT, customerBusArn });
  const { outputs } = await product.aws.deploy(kit, { accountId, stackName: 'onboarding' });
  const kmsKeyArn = outputs['KeyArn'] ?? '';
  await new EventBridgeClient().send(
    new PutPermissionCommand({
      EventBusName: customerBusArn.split('/').at(-1),
      ...{ StatementId: customerId, Action: 'events:PutEvents', Principal: accountId },
    }),
  );
  const clock = { now: () => new Date(product.aws.clock.now()).toISOString() };
  await onboardCustomer(
    {
      customer: { customerId, name: customerId, accountId },
      key: { kmsKeyArn, option: 'customer-managed', access: { via: 'key-policy' } },
      dataStores: [{ dataStoreId: 'documents', kind: 'application', capabilities: ['search'] }],
      rotation: { strategy: 'customer', periodDays: 365, reencrypt: true, dueAt: '2099-01-01T00:00:00.000Z' },
    },
    { control: product.control, ...kmsPorts(), ...basicsOf('test'), clock },
  );
  return { customerId, accountId, kmsKeyArn };
}

/** A rule of the account's own, wider than the kit's: whatever appears on its bus is sent to us. */
async function forwardEverything(product: DeployedProduct, accountId: string, RoleArn: string): Promise<void> {
  const events = new EventBridgeClient({ credentials: product.aws.credentials(accountId) });
  const Name = 'forward-everything';
  const EventPattern = JSON.stringify({ source: [{ prefix: 'aws.' }] });
  await events.send(new PutRuleCommand({ Name, EventPattern, State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' }));
  const Targets = [{ Id: 'provider', Arn: product.outputs['CustomerBusArn'], RoleArn }];
  await events.send(new PutTargetsCommand({ Rule: Name, Targets }));
  events.destroy();
}

/** Their own account allows it; ours does not. */
function strangersRole({ aws, outputs }: DeployedProduct, accountId: string): string {
  aws.credentials(accountId);
  const statement = (fields: object) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...fields }] });
  const arn = `arn:aws:iam::${accountId}:role/forwarder`;
  aws.iam.putRole({
    ...{ arn, name: 'forwarder', accountId, principalId: 'AROASTRANGER' },
    trustPolicy: statement({ Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' }) as never,
    policies: [statement({ Action: 'events:PutEvents', Resource: outputs['CustomerBusArn'] }) as never],
  });
  return arn;
}
