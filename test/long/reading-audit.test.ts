/**
 * The audit log by its address, on the packaged product: principals of customers' own accounts read and verify what is theirs with the
 * command line, and of another customer's nothing, whatever they ask.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signedRequest } from '../../cli/operate/signed-fetch';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';

const TEST_MS = 240_000;
const ACCOUNTS = { acme: '444455556666', globex: '777788889999' } as const;
type Owner = keyof typeof ACCOUNTS;

let product: DeployedProduct;
let folder: string;
let url: string;

beforeAll(async () => {
  product = await deployedProduct();
  url = product.outputs['ReadAuditUrl'] ?? '';
  folder = mkdtempSync(join(tmpdir(), 'reading-audit-'));
  await Promise.all([product.customer('acme'), product.customer('globex')]);
  for (const [owner, accountId] of Object.entries(ACCOUNTS)) {
    await product.aws.deploy(rolesOfTheirs, { accountId, stackName: 'people' });
    const key = await asProvider(
      'audit',
      'public-key',
      owner,
      '--kms-key',
      product.outputs['AuditSigningKeyArn'] ?? '',
    );
    writeFileSync(join(folder, `${owner}.pub`), key);
    await asProvider('audit-readers', 'add', owner, roleOf(owner, 'analyst'));
  }
  await product.aws.idle();
}, TEST_MS);
afterAll(async () => {
  await product.stop();
  rmSync(folder, { recursive: true });
});

/** What a customer's administrator gives the people who may read: two actions on one function of the provider's. */
const rolesOfTheirs = {
  Resources: Object.fromEntries(
    [
      ['analyst', ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction']],
      ['colleague', ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction']],
      ['nobody', ['s3:ListAllMyBuckets']],
    ].map(([RoleName, Action]) => [
      RoleName,
      {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName,
          AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] },
          Policies: [
            {
              PolicyName: 'reads',
              PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
            },
          ],
        },
      },
    ]),
  ),
};

const roleOf = (owner: Owner | string, role: string) => `arn:aws:iam::${ACCOUNTS[owner as Owner]}:role/${role}`;
const session = (owner: Owner, role = 'analyst') => product.aws.iam.openSession(roleOf(owner, role), 'ada', 3600);

async function asProvider(...words: readonly string[]): Promise<string> {
  const { out, err, exitCode } = await product.keywright(words);
  expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
  return out;
}

const audit = (owner: Owner, words: readonly string[], keyOf: Owner = owner, role?: string) =>
  product.keywright(['audit', ...words, '--public-key', join(folder, `${keyOf}.pub`)], session(owner, role));

/** A request of the function itself, by a session. */
async function send(credentials: ReturnType<typeof session>, method: 'GET' | 'POST', path: string, body = '') {
  const response = await signedRequest({ credentials, region: product.aws.region })(method, new URL(path, url), body);
  return { status: response.status, text: await response.text() };
}

test(
  'an analyst verifies, follows and exports what is theirs, from another account',
  async () => {
    const verified = await audit('acme', ['verify', url, '--json', '--checkpoint', join(folder, 'acme.seen')]);
    const tail = await audit('acme', ['tail', url]);
    const exported = await audit('acme', ['export', url]);
    const proof = await audit('acme', ['prove', url, '0']);

    expect(JSON.parse(verified.out)).toMatchObject([{ ok: true, origin: 'keywright/audit/acme' }]);
    expect(tail).toMatchObject({ err: '', exitCode: 0, out: expect.stringContaining('audit-reader-changed.v1') });
    expect(exported.out).toContain(roleOf('acme', 'analyst'));
    expect(exported.out).not.toContain('globex');
    expect(JSON.parse(proof.out)).toMatchObject({ index: 0 });
  },
  TEST_MS,
);

test(
  'nobody verifies another customer’s log by it, and their own is not taken for it',
  async () => {
    const swapped = await audit('acme', ['verify', url], 'globex');

    expect(swapped.exitCode).toBe(1);
    expect(swapped.out).toContain('NO');
  },
  TEST_MS,
);

test(
  'whom no customer named is refused in the same words, and whom their own account does not let is not let in',
  async () => {
    const colleague = await audit('acme', ['verify', url], 'acme', 'colleague');
    const nobody = await audit('acme', ['verify', url], 'acme', 'nobody');

    expect(colleague).toMatchObject({ exitCode: 2, out: '', err: expect.stringContaining('reads no audit log') });
    expect(nobody).toMatchObject({ exitCode: 2, out: '', err: expect.stringContaining('lambda:InvokeFunctionUrl') });
  },
  TEST_MS,
);

test.each([
  ['GET', 'globex/checkpoint', '', 404],
  ['GET', '..%2fglobex/checkpoint', '', 404],
  ['GET', 'checkpoint?customerId=globex', '', 200],
  ['POST', 'list-entries', '{"customerId":"globex"}', 400],
  ['POST', 'list-entries', '{}', 200],
  ['POST', 'list-audit-readers', '{"customerId":"globex"}', 404],
  ['POST', 'prove-inclusion', '{"index":0}', 200],
  ['POST', 'prove-consistency', '{"from":1}', 200],
] as const)(
  '%s %s %s of Acme’s holds nothing of Globex’s',
  async (method, path, body, status) => {
    const answer = await send(session('acme'), method, path, body);

    expect(answer.status).toBe(status);
    const said = answer.text.replace(/operation: .*/, '').replace(/There is no .*/, '');
    expect(said).not.toMatch(/globex|777788889999/);
  },
  TEST_MS,
);

test(
  'a foreign account cannot invoke the function directly, where it could say who it is',
  async () => {
    const endpoint = `${product.aws.url}/2015-03-31/functions/`;
    const name = encodeURIComponent(
      `arn:aws:lambda:${product.aws.region}:111122223333:function:keywright-dev-read-audit`,
    );
    const forged = JSON.stringify({ rawPath: '/checkpoint', requestContext: {} });

    const answer = await send(session('acme'), 'POST', `${endpoint}${name}/invocations`, forged);
    expect(answer.status).toBe(403);
  },
  TEST_MS,
);

test(
  'who was removed reads nothing from then on',
  async () => {
    await asProvider('audit-readers', 'remove', 'globex', roleOf('globex', 'analyst'));

    const { err, exitCode } = await audit('globex', ['verify', url]);
    expect({ err, exitCode }).toEqual({ err: expect.stringContaining('reads no audit log'), exitCode: 2 });
    expect(await asProvider('audit-readers', 'list', 'globex')).toContain('Nobody reads');
  },
  TEST_MS,
);
