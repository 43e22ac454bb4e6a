/** What takes two people, against the packaged product: by the policies of its stack, and by whoever may invoke its functions. */
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { ACCOUNT, REGION } from 'local-aws/test/support/local-aws';
import { identitySigner } from '../../cli/operate/identity-signer';
import { signedFetch } from '../../cli/operate/signed-fetch';
import { statementOf } from '../../shared/domain/retirement/identity-proof';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';

type Person = ReturnType<DeployedProduct['person']>;

const arnOf = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:keywright-dev-${name}`;
const principalOf = (role: string, name: string) => `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`;

let product: DeployedProduct;
let kmsKeyArn: string;
/** What is asked, and what is approved. */
let step: { readonly key: string; readonly step: string; readonly certificateHash: string };
beforeAll(async () => {
  product = await deployedProduct();
  kmsKeyArn = await product.customer('cyberdyne');
  await product.keywright(['rotate', 'cyberdyne', '--strategy', 'replace']);
  await product.aws.idle();
  await product.keywright(['retire', 'start', kmsKeyArn, '--disabled-days', '0']);
  await product.aws.idle();
  const { certificate } = (await product.control.find('retirement', kmsKeyArn)) ?? {};
  step = { key: kmsKeyArn, step: 'schedule-deletion', certificateHash: certificate?.hash ?? '' };
});
afterAll(() => product.stop());
afterEach(async () => {
  await product.aws.idle();
  const { KeyMetadata } = await product.kms.send(new DescribeKeyCommand({ KeyId: kmsKeyArn }));
  expect(KeyMetadata?.KeyState).toBe('Disabled');
});

const approval = () => product.control.find('approval', `${kmsKeyArn}/schedule-deletion`);

interface Forged {
  readonly operation: 'request-retirement-step' | 'approve-retirement-step';
  /** Whom the event names. */
  readonly as: string;
  readonly proof?: string | undefined;
  readonly input?: object;
}

/** Lambda's own interface, with an event that the invoker writes: nobody has verified who calls. */
async function invoke({ operation, as, proof, input = bodyOf(operation) }: Forged, invoker?: Person) {
  const name = operation === 'approve-retirement-step' ? 'approve-retirement' : 'api';
  const event = {
    rawPath: `/${operation}`,
    headers: proof === undefined ? {} : { 'x-keywright-proof': proof },
    body: JSON.stringify(input),
    isBase64Encoded: false,
    requestContext: { requestId: 'forged', http: { method: 'POST' }, authorizer: { iam: { userArn: as } } },
  };
  const send = signedFetch({ credentials: invoker ?? product.aws.credentials(ACCOUNT), region: REGION });
  const url = new URL(`/2015-03-31/functions/keywright-dev-${name}/invocations`, product.aws.url);
  const { status, text } = await send('POST', url, JSON.stringify(event));
  const answer = JSON.parse(text);
  return status === 200 ? JSON.parse(answer.body) : { status, ...answer };
}

const bodyOf = (operation: Forged['operation']) =>
  operation === 'request-retirement-step' ? { ...step, reason: 'nobody needs it' } : step;

/** A proof by somebody's own credentials, of what is asked of a function. */
async function proofBy(
  person: Person,
  operation: Forged['operation'],
  functionArn: string,
  input: object = bodyOf(operation),
) {
  const statement = statementOf({ functionArn, operation, body: JSON.stringify(input) });
  const sign = identitySigner({ credentials: person });
  return JSON.stringify(await sign({ statement, region: REGION, at: new Date(product.aws.clock.now()) }));
}

const refused = { code: 'identity.refused', field: 'proof', retry: false, message: expect.stringMatching(/^proof: /) };

test('whoever operates it by the stack’s policy asks by the URL, and can neither approve nor invoke directly', async () => {
  const ann = product.person('ann', 'operator');
  const words = [kmsKeyArn, 'schedule-deletion', '--certificate', step.certificateHash];

  const tried = await product.keywright(['retire', 'request', ...words, '--reason', 'quiet', '--dry-run'], ann);
  const approving = await product.keywright(['retire', 'approve', ...words], ann);
  const direct = await invoke({ operation: 'request-retirement-step', as: principalOf('approver', 'bob') }, ann);

  expect(tried).toMatchObject({ exitCode: 0, err: '' });
  expect(approving).toMatchObject({ exitCode: 2, err: expect.stringContaining('keywright-dev-approver') });
  expect(direct).toMatchObject({ status: 403 });
  expect(await approval()).toBeUndefined();
});

test.each(['request-retirement-step', 'approve-retirement-step'] as const)(
  'an administrator who invokes the function directly does not %s in another’s name',
  async (operation) => {
    const name = operation === 'request-retirement-step' ? 'api' : 'approve-retirement';
    const as = principalOf('approver', 'bob');
    const eve = product.person('eve', 'both');
    const own = await proofBy(eve, operation, arnOf(name));

    const answers = await Promise.all(
      [undefined, own, own.replace(eve.accessKeyId, product.person('bob', 'approver').accessKeyId)].map((proof) =>
        invoke({ operation, as, proof }),
      ),
    );

    expect(answers).toEqual([
      { error: expect.objectContaining({ code: 'input.invalid', field: 'proof' }) },
      {
        error: {
          ...refused,
          message: expect.stringMatching(/signed by .*both\/eve, and the request comes from .*bob/),
        },
      },
      { error: refused },
    ]);
    expect(await approval()).toBeUndefined();
  },
);

test('what somebody has proven serves for nothing else: no other act, function, key or words, no later day, no second time', async () => {
  const bob = product.person('bob', 'approver');
  const as = principalOf('approver', 'bob');
  const operation = 'request-retirement-step';
  const request = bodyOf(operation);
  const proof = await proofBy(bob, operation, arnOf('api'));
  const elsewhere = await proofBy(bob, operation, arnOf('api').replace('-dev-', '-prod-'));
  const abroad = await proofBy(bob, operation, arnOf('api').replace(ACCOUNT, '999988887777'));
  const approving = await proofBy(bob, 'approve-retirement-step', arnOf('api'), request);

  for (const stolen of [elsewhere, abroad, approving]) {
    expect(await invoke({ operation, as, proof: stolen })).toEqual({ error: refused });
  }
  for (const input of [
    { ...request, reason: 'other words' },
    { ...request, dryRun: true },
    { ...request, key: 'cyberdyne' },
  ]) {
    expect(await invoke({ operation, as, proof, input })).toEqual({ error: refused });
  }
  expect(await approval()).toBeUndefined();

  expect(await invoke({ operation, as, proof })).toMatchObject({ requestedBy: as });
  expect(await invoke({ operation, as, proof })).toMatchObject({ requestedBy: as });
  await product.keywright(['retire', 'undo', kmsKeyArn, 'schedule-deletion', '--reason', 'wait']);
  await product.keywright(['retire', 'start', kmsKeyArn]);
  await product.aws.idle();
  expect(await invoke({ operation, as, proof })).toEqual({
    error: { ...refused, message: 'proof: it was used before. Sign the request anew.' },
  });

  const another = await proofBy(bob, operation, arnOf('api'));
  product.aws.clock.advance(6 * 60_000);
  await product.aws.idle();
  expect(await invoke({ operation, as, proof: another })).toMatchObject({ error: { code: 'identity.stale' } });
});
