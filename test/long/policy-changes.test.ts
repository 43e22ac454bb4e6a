/** A customer changes their key's policy so that it still unwraps and gives less than we need: the packaged product tells. */
import { EventBridgeClient, PutPermissionCommand } from '@aws-sdk/client-eventbridge';
import { GetKeyPolicyCommand, KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { ACCOUNT } from 'local-aws/test/support/local-aws';
import { customerAccountTemplate } from '../../cli/start/customer-account';
import { onboardCustomer } from '../../shared/domain/customers/onboard-customer';
import { kmsPorts } from '../../shared/runtime/aws-ports';
import { basicsOf } from '../../shared/runtime/basics';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';
import { connectedPhone, type Phone } from '../support/phone';

const CUSTOMER_ACCOUNT = '444455556666';
const MINUTE_MS = 60_000;
/** Real time that anything may take. */
const PATIENCE_MS = 60_000;

let product: DeployedProduct;
let phone: Phone;
let theirs: KMSClient;
beforeAll(async () => {
  product = await deployedProduct();
  phone = await connectedPhone(product.outputs['OncallTopicArn'] ?? '');
  theirs = new KMSClient({ credentials: product.aws.credentials(CUSTOMER_ACCOUNT) });
});
afterAll(async () => {
  theirs.destroy();
  await product.stop();
});

/** As the onboarding kit has it. @returns the ARN of the customer's key. */
async function customerWithTheirOwnKey(): Promise<string> {
  const customerBusArn = product.outputs['CustomerBusArn'] ?? '';
  const about = { customerId: 'acme', accountId: CUSTOMER_ACCOUNT, alias: 'alias/acme-data', externalId: 'kw-acme' };
  const kit = customerAccountTemplate({ ...about, providerAccountId: ACCOUNT, customerBusArn });
  const { outputs } = await product.aws.deploy(kit, { accountId: CUSTOMER_ACCOUNT, stackName: 'onboarding' });
  const EventBusName = customerBusArn.split('/').at(-1);
  const admit = { StatementId: 'acme', Action: 'events:PutEvents', Principal: CUSTOMER_ACCOUNT };
  await new EventBridgeClient().send(new PutPermissionCommand({ EventBusName, ...admit }));
  const kmsKeyArn = outputs['KeyArn'] ?? '';
  const observer = { roleArn: outputs['ObserverRoleArn'] ?? '', externalId: about.externalId };
  const clock = { now: () => new Date(product.aws.clock.now()).toISOString() };
  await onboardCustomer(
    {
      customer: { customerId: 'acme', name: 'Acme Corp', accountId: CUSTOMER_ACCOUNT },
      key: { kmsKeyArn, option: 'customer-managed', access: { via: 'key-policy' }, observer },
      dataStores: [{ dataStoreId: 'documents', kind: 'application', capabilities: ['search'] }],
      rotation: { strategy: 'customer', periodDays: 365, reencrypt: true, dueAt: '2099-01-01T00:00:00.000Z' },
    },
    { control: product.control, ...kmsPorts(), ...basicsOf('test'), clock },
  );
  return kmsKeyArn;
}

const policyOf = async (KeyId: string) => (await theirs.send(new GetKeyPolicyCommand({ KeyId }))).Policy ?? '';
const putPolicy = (KeyId: string, Policy: string) => theirs.send(new PutKeyPolicyCommand({ KeyId, Policy }));

/** Without GenerateDataKey and ReEncrypt in the statement that is for us. */
function decryptOnly(policy: string): string {
  const document = JSON.parse(policy) as { Statement: { Sid: string; Action: unknown }[] };
  const Statement = document.Statement.map((statement) =>
    statement.Sid === 'ProviderUsesUnderOurContext' ? { ...statement, Action: 'kms:Decrypt' } : statement,
  );
  return JSON.stringify({ ...document, Statement });
}

async function minutes(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    product.aws.clock.advance(MINUTE_MS);
    await product.aws.idle();
  }
}

async function pagesOnceThereAre(count: number, kmsKeyArn: string): Promise<readonly string[]> {
  for (const until = Date.now() + PATIENCE_MS; ; ) {
    await product.aws.idle();
    const pages = await phone.pagesAbout(kmsKeyArn);
    if (pages.length >= count || Date.now() > until) return pages;
  }
}

const LOST = "Acme Corp's key serves, but its policy no longer allows all that we need: 1 data store at stake";
const OVER = "Over: Acme Corp's key allows all that we need again";

test('what the policy no longer allows is paged once, with the statement, and is over once it is put back', async () => {
  const kmsKeyArn = await customerWithTheirOwnKey();
  await minutes(1);
  const whole = await policyOf(kmsKeyArn);
  expect(await phone.pagesAbout(kmsKeyArn)).toEqual([]);

  await putPolicy(kmsKeyArn, decryptOnly(whole));
  expect(await pagesOnceThereAre(1, kmsKeyArn)).toEqual([LOST]);
  await minutes(6);
  expect(await phone.pagesAbout(kmsKeyArn)).toEqual([LOST]);

  const watch = await product.control.find('key-watch', kmsKeyArn);
  const incident = await product.control.find('incident', watch?.openIncidentId ?? '');
  const lost = ['kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'].map((action) => ({
    action,
    statement: 'ProviderUsesUnderOurContext',
    isExplicit: false,
  }));
  expect(watch?.availability).toBe('at-risk');
  expect(incident).toMatchObject({ cause: 'key-policy', party: 'customer', lost });
  const [body = ''] = phone.bodiesAbout(kmsKeyArn);
  expect(body).toMatch(/kms:GenerateDataKey: nothing new can be protected; statement "ProviderUsesUnderOurContext"/);
  expect(body).toMatch(/Whose act: +the customer’s/);

  await putPolicy(kmsKeyArn, whole);
  expect(await pagesOnceThereAre(2, kmsKeyArn)).toEqual([LOST, OVER]);
  await minutes(6);
  expect(await phone.pagesAbout(kmsKeyArn)).toEqual([LOST, OVER]);
  expect(await product.control.find('incident', incident?.incidentId ?? '')).toMatchObject({ state: 'closed' });
  expect(await product.control.find('key-watch', kmsKeyArn)).toMatchObject({ availability: 'available' });
}, 240_000);
