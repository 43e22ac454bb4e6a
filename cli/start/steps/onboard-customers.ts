/** Three encryption options: a shared key, keys of the provider for one customer each, and a customer's own key. */
import { randomUUID } from 'node:crypto';
import { EventBridgeClient, PutPermissionCommand } from '@aws-sdk/client-eventbridge';
import { CreateAliasCommand, CreateKeyCommand, DescribeKeyCommand, NotFoundException } from '@aws-sdk/client-kms';
import { onboardCustomer } from '../../../shared/domain/customers/onboard-customer';
import { kmsPorts } from '../../../shared/runtime/aws-ports';
import { basicsOf } from '../../../shared/runtime/basics';
import { customerAccountTemplate } from '../customer-account';
import { ACME, ACME_ACCOUNT, CUSTOMERS, DATA_STORES, type ExampleCustomer, PROVIDER_ACCOUNT } from '../customers';
import type { Scene, Step } from '../scene';
import { firstKeyNote } from './rotations';

export const onboardCustomers: Step = {
  title: 'Onboard five customers with three encryption options',
  async run(scene) {
    const acmeKey = await acmeSetsUpTheirAccount(scene);
    for (const customer of CUSTOMERS) {
      const key = customer === ACME ? acmeKey : await providerKey(customer, scene);
      await register(customer, key, scene);
    }
    const options = CUSTOMERS.map(({ name, option }) => `${name} (${option})`);
    return options.join(', ');
  },
};

type Key = Parameters<typeof onboardCustomer>[0]['key'];

/** The onboarding kit: a template that Acme's administrator deploys, and our bus admitting Acme's account. */
async function acmeSetsUpTheirAccount({ aws, outputs, notes }: Scene): Promise<Key> {
  const externalId = notes.once('acme external id', () => `kw-${randomUUID()}`);
  const template = customerAccountTemplate({
    customerId: ACME.customerId,
    accountId: ACME_ACCOUNT,
    alias: ACME.alias,
    providerAccountId: PROVIDER_ACCOUNT,
    externalId,
    customerBusArn: outputs['CustomerBusArn'] ?? '',
  });
  const deployed = await aws.deploy(template, { accountId: ACME_ACCOUNT, stackName: 'keywright-onboarding' });
  await new EventBridgeClient().send(
    new PutPermissionCommand({
      EventBusName: outputs['CustomerBusArn']?.split('/').at(-1),
      StatementId: ACME.customerId,
      Action: 'events:PutEvents',
      Principal: ACME_ACCOUNT,
    }),
  );
  return {
    kmsKeyArn: deployed.outputs['KeyArn'] ?? '',
    option: 'customer-managed',
    access: { via: 'key-policy' },
    observer: { roleArn: deployed.outputs['ObserverRoleArn'] ?? '', externalId },
  };
}

/** Found by its alias when it exists already. */
async function providerKey({ alias, option, name }: ExampleCustomer, { kms }: Scene): Promise<Key> {
  const rest = { option, access: { via: 'key-policy' }, alias } as const;
  try {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: alias }));
    return { kmsKeyArn: KeyMetadata?.Arn ?? '', ...rest };
  } catch (error) {
    if (!(error instanceof NotFoundException)) throw error;
  }
  const description = option === 'managed' ? 'Protects data of several customers' : `Protects data of ${name}`;
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: description }));
  await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId }));
  return { kmsKeyArn: KeyMetadata?.Arn ?? '', ...rest };
}

/** Safe to repeat. */
export async function register(customer: ExampleCustomer, key: Key, { control, aws, notes }: Scene): Promise<void> {
  // A rotation may give the customer another key: the steps to come ask for this one.
  notes.once(firstKeyNote(customer.alias), () => key.kmsKeyArn);
  const { customerId, name, strategy, periodDays, accountId } = customer;
  const now = aws.clock.now();
  const tomorrow = new Date(now + 86_400_000).toISOString();
  const basics = basicsOf('onboarding');
  await onboardCustomer(
    {
      customer: { customerId, name, ...(accountId && { accountId }) },
      key,
      dataStores: DATA_STORES,
      rotation: { strategy, periodDays, reencrypt: true, dueAt: tomorrow },
    },
    { control, ...kmsPorts(), ...basics, clock: { now: () => new Date(now).toISOString() } },
  );
}
