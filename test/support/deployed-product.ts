/** The packaged product on local AWS, with customers, and the command line of the people who operate it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { type LocalAws, startLocalAws } from 'local-aws/aws';
import { ACCOUNT } from 'local-aws/test/support/local-aws';
import { main } from '../../cli/main';
import { OF_ANOTHER_AWS } from '../../cli/start/administrator';
import { applicationRole } from '../../cli/start/application';
import { withLocalWebhooks } from '../../cli/start/deliveries/local-webhooks';
import { nextId } from '../../shared/adapters/time-ordered-id';
import { onboardCustomer } from '../../shared/domain/customers/onboard-customer';
import { encryptionContextOf } from '../../shared/domain/keys/data-key';
import { controlPorts, dataKeyPorts, kmsPorts } from '../../shared/runtime/aws-ports';
import { basicsOf } from '../../shared/runtime/basics';

const ROOT = join(__dirname, '../..');
const DAY_MS = 86_400_000;

/** Nothing reads the index of what is due. */
const WITHOUT_DUE = {
  Effect: 'Deny',
  Action: 'dynamodb:Query',
  Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['ControlTable', 'Arn'] }, '/index/due']] },
};

interface Broken {
  readonly isIndexAway?: boolean;
}

/** What was packaged, but for what is broken: whatever runs these tests packages first. */
function template(switchedOff: readonly string[] = [], { isIndexAway = false }: Broken = {}) {
  const packaged = readFileSync(join(ROOT, '.serverless/cloudformation-template-update-stack.json'), 'utf8');
  const made = withLocalWebhooks(JSON.parse(packaged));
  const resources = made['Resources'] as Record<string, { readonly Properties: Record<string, unknown> }>;
  for (const { Properties } of Object.values(resources)) {
    if (switchedOff.some((name) => Properties?.['FunctionName'] === `keywright-dev-${name}`))
      Properties['ReservedConcurrentExecutions'] = 0;
    const [policy] = (Properties?.['Policies'] ?? []) as { PolicyDocument: { Statement: object[] } }[];
    if (isIndexAway && policy) policy.PolicyDocument.Statement.push(WITHOUT_DUE);
  }
  return made;
}

/** The roles that people take, with the policies that the stack makes for them. */
const peopleTemplate = (operator: string, approver: string, contracts: string) => {
  const role = (RoleName: string, ...ManagedPolicyArns: readonly string[]) => ({
    Type: 'AWS::IAM::Role',
    Properties: { RoleName, ManagedPolicyArns, AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] } },
  });
  return {
    Resources: {
      Operator: role('operator', operator),
      Approver: role('approver', approver),
      Both: role('both', operator, approver),
      Contracts: role('contracts', contracts),
      Stranger: role('stranger'),
    },
  };
};

/** From here on the SDK in this process is the provider's administrator. */
export async function deployedProduct() {
  const aws = await startLocalAws({ retrySeconds: 1 });
  const deploy = (switchedOff?: readonly string[], broken?: Broken) =>
    aws.deploy(template(switchedOff, broken), { accountId: ACCOUNT, artifacts: join(ROOT, '.build/functions') });
  const { outputs } = await deploy();
  const { OperatorPolicyArn = '', ApproverPolicyArn = '', ContractsPolicyArn = '' } = outputs;
  await aws.deploy(peopleTemplate(OperatorPolicyArn, ApproverPolicyArn, ContractsPolicyArn), {
    accountId: ACCOUNT,
    stackName: 'people',
  });
  const before = { ...process.env };
  actAs(aws, aws.credentials(ACCOUNT));
  const tables = {
    controlTableName: outputs['ControlTableName'] ?? '',
    dataKeyTableName: outputs['DataKeyTableName'] ?? '',
    reportTableName: outputs['ReportTableName'] ?? '',
  };
  const asApplication = await applicationRole(aws, { accountId: ACCOUNT, outputs });
  const { control } = controlPorts(tables);
  const { dataKeys } = dataKeyPorts(tables);
  const clock = { now: () => new Date(aws.clock.now()).toISOString() };
  const kms = new KMSClient();

  return {
    aws,
    outputs,
    tables,
    control,
    kms,
    apiUrl: outputs['ApiLambdaFunctionUrl'] ?? '',
    dataKeys,
    /** A customer with a key of ours for them alone, and so many data keys. @returns the key's ARN. */
    async customer(customerId: string, dataKeyCount = 0): Promise<string> {
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: `Protects data of ${customerId}` }));
      const kmsKeyArn = KeyMetadata?.Arn ?? '';
      const alias = `alias/keywright/${customerId}`;
      await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: kmsKeyArn }));
      await onboardCustomer(
        {
          customer: { customerId, name: customerId },
          key: { kmsKeyArn, option: 'customer-specific', access: { via: 'key-policy' }, alias },
          dataStores: [{ dataStoreId: 'documents', kind: 'application', capabilities: ['search'] }],
          rotation: {
            strategy: 'kms-on-demand',
            periodDays: 365,
            reencrypt: true,
            dueAt: new Date(aws.clock.now() + 300 * DAY_MS).toISOString(),
          },
        },
        { control, ...kmsPorts(), ...basicsOf('test'), clock },
      );
      for (let made = 0; made < dataKeyCount; made += 1) {
        const name = { customerId, dataStoreId: 'documents', dataKeyId: nextId() };
        const key = { kmsKeyArn, access: { via: 'key-policy' } } as const;
        const wrapped = await kmsPorts().crypto.generateWrapped(key, encryptionContextOf(name));
        await dataKeys.create({ ...name, ...wrapped, createdAt: clock.now() });
      }
      return kmsKeyArn;
    },
    /** A session of a role with the policy that the product has for applications, and nothing else. */
    asApplication,
    /** A session of a role that operates the product, approves, does both or neither. Its name is the person's. */
    person: (name: string, role: 'operator' | 'approver' | 'both' | 'contracts' | 'stranger' = 'operator') =>
      aws.iam.openSession(`arn:aws:iam::${ACCOUNT}:role/${role}`, name, 3600),
    /** Functions that are never started from now on; all others are. */
    switchOff: async (...names: readonly string[]) => void (await deploy(names)),
    /** No function may read the index of what is due, until `switchOff` is called. */
    takeIndexAway: async () => void (await deploy([], { isIndexAway: true })),
    /** Runs the command line as somebody: the administrator unless named. */
    async keywright(args: readonly string[], as?: Credentials) {
      actAs(aws, as ?? aws.credentials(ACCOUNT));
      try {
        return await commandLine(args);
      } finally {
        actAs(aws, aws.credentials(ACCOUNT));
      }
    },
    async stop() {
      process.env = before;
      kms.destroy();
      await aws.stop();
    },
  };
}

export type DeployedProduct = Awaited<ReturnType<typeof deployedProduct>>;

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

function actAs(aws: LocalAws, { accessKeyId, secretAccessKey, sessionToken = '' }: Credentials): void {
  for (const name of OF_ANOTHER_AWS) delete process.env[name];
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
  });
}

/** What a person sees of a command: both streams and the exit code. */
export async function commandLine(args: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0);
  // It may be that of a test file before this one, in the same process of jest’s.
  process.exitCode = undefined;
  try {
    await main(['node', 'keywright', ...args], ROOT);
    return { out: out.join(''), err: err.join(''), exitCode: Number(process.exitCode ?? 0) };
  } finally {
    process.exitCode = undefined;
    stdout.mockRestore();
    stderr.mockRestore();
  }
}
