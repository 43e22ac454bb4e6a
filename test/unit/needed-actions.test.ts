/** What we need of a key stands in one list: what our roles are allowed, and what customers are asked to allow, is held to it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { customerAccountTemplate } from '../../cli/start/customer-account';
import { NEEDED_ACTIONS } from '../../shared/domain/availability/policy/needed-actions';

const ROOT = join(__dirname, '../..');

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Partial<Record<'Null' | 'StringEquals', Readonly<Record<string, string>>>>>;
}

interface Resource {
  readonly Type: string;
  readonly Properties: {
    readonly Policies?: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
    readonly PolicyDocument?: { readonly Statement: readonly Statement[] };
  };
}

const template = JSON.parse(
  readFileSync(join(ROOT, '.serverless/cloudformation-template-update-stack.json'), 'utf8'),
) as { readonly Resources: Readonly<Record<string, Resource>> };

/** Every statement of a role or of the policy for applications. */
const statements = Object.values(template.Resources)
  .filter(({ Type }) => Type === 'AWS::IAM::Role' || Type === 'AWS::IAM::ManagedPolicy')
  .flatMap(({ Properties: { Policies = [], PolicyDocument } }) => [
    ...Policies.flatMap((policy) => policy.PolicyDocument.Statement),
    ...(PolicyDocument?.Statement ?? []),
  ]);

const kmsActionsOn = (resource: RegExp) =>
  new Set(
    statements
      .filter(({ Resource }) => resource.test(JSON.stringify(Resource)))
      .flatMap(({ Action }) => Action)
      .filter((action) => action.startsWith('kms:')),
  );

/** The first canary of a key that is registered, under the canary's context alone: it is asked for once. */
const TO_REGISTER = 'kms:GenerateDataKeyWithoutPlaintext';

/** Read to follow rotations: without it no data is at risk. */
const ALSO_READ = 'kms:GetKeyRotationStatus';

const needed = (...of: readonly (typeof NEEDED_ACTIONS)[number]['of'][]) =>
  NEEDED_ACTIONS.filter((need) => of.includes(need.of)).map(({ action }) => action);

test('of keys of any account our roles may do what we need of them, and nothing else', () => {
  const allowed = kmsActionsOn(/:kms:\*:\*:key/);
  expect([...allowed].sort()).toEqual([...needed('every key', 'active keys'), ALSO_READ, TO_REGISTER].sort());
});

test('what we need of our own keys alone, our roles may', () => {
  const allowed = kmsActionsOn(/:kms:\*:\$\{AWS::AccountId\}:key/);
  expect(needed('our active keys').filter((action) => !allowed.has(action))).toEqual([]);
  expect(needed('our active keys')).not.toEqual([]);
});

const isKeyOfOurs = (resource: unknown): boolean => /ChannelKey|DrillKey/.test(JSON.stringify(resource));

const USES = new Set<string>(NEEDED_ACTIONS.filter((need) => need.as === 'user').map(({ action }) => action));

test('every use that our roles may make carries the context that policies ask for', () => {
  // A secret of a channel is under a key of our own, and its context names the channel. The key of drills protects nothing.
  const using = statements.filter(
    ({ Action, Resource }) => [Action].flat().some((action) => USES.has(action)) && !isKeyOfOurs(Resource),
  );
  expect(using.length).toBeGreaterThan(0);
  for (const { Condition } of using)
    expect(Condition?.Null).toEqual({ 'kms:EncryptionContext:keywright:customerId': 'false' });
});

test.each(['ProbeKeysRole', 'AssessKeyRole', 'ReconcileKeysRole'])(
  '%s uses keys with canaries alone, for all that we need of a customer’s key',
  (id) => {
    const policies = template.Resources[id]?.Properties.Policies ?? [];
    const using = policies
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Action }) => [Action].flat().some((action) => USES.has(action)));

    const uses = needed('every key', 'active keys').filter((action) => USES.has(action));
    expect(using.flatMap(({ Action }) => Action).sort()).toEqual(uses.sort());
    for (const { Condition } of using)
      expect(Condition?.StringEquals).toEqual({ 'kms:EncryptionContext:keywright:dataStoreId': 'canary' });
  },
);

test('the role that may read a customer’s key may read what verdicts are made from', () => {
  const kit = {
    customerId: 'acme',
    accountId: '4',
    alias: 'a',
    providerAccountId: '1',
    externalId: 'e',
    customerBusArn: 'b',
  };
  const { Policies } = customerAccountTemplate(kit).Resources.Observer.Properties;
  const observed = NEEDED_ACTIONS.filter((need) => need.as === 'observer').map(({ action }) => action);
  expect(JSON.parse(JSON.stringify(Policies))[0].PolicyDocument.Statement[0].Action).toEqual(
    expect.arrayContaining([...observed, 'kms:GetKeyPolicy', 'kms:ListGrants']),
  );
});
