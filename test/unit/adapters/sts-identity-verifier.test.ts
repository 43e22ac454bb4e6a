import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { openDoor } from 'local-aws/door/door';
import { iam } from 'local-aws/iam/iam';
import { sts } from 'local-aws/sts/engine';
import { localWorld } from 'local-aws/test/support/local-world';
import { identitySigner } from '../../../cli/operate/identity-signer';
import { endpointOf } from '../../../shared/adapters/sts-identity-request';
import { stsIdentityVerifier } from '../../../shared/adapters/sts-identity-verifier';
import type { IdentityProof } from '../../../shared/domain/retirement/proven-caller';
import { identityVerifierContract, type Signer } from '../../contract/identity-verifier';
import { OUR_ACCOUNT, REGION } from '../../support/make';
import { memoryIdentities, userIdOf } from '../../support/memory-identities';

const ALICE = `arn:aws:iam::${OUR_ACCOUNT}:user/administrator`;
const BOB = `arn:aws:sts::${OUR_ACCOUNT}:assumed-role/approver/bob`;
const STATEMENT = 'ab'.repeat(32);
/** The verifier signs nothing by itself. */
const ANY = { accessKeyId: 'ANY', secretAccessKey: 'any' };
const AT = new Date(Date.UTC(2026, 2, 1));

describe('in memory', () => {
  identityVerifierContract(async () => {
    const verifier = memoryIdentities();
    const signer = (principal: string, temporary: boolean): Signer => {
      const credentials = verifier.signerOf(principal, { temporary });
      const identity = { principal, userId: userIdOf(principal) };
      return { identity, sign: async (statement) => credentials.sign(statement, '20260301T000000Z') };
    };
    return { verifier, user: signer(ALICE, false), session: signer(BOB, true) };
  });
});

describe('on the STS of local AWS', () => {
  const world = localWorld({ at: AT.getTime() });
  const access = iam(world);
  const before = process.env['AWS_ENDPOINT_URL'];
  let close = async () => {};
  beforeAll(async () => {
    const parts = {
      iam: access,
      engines: [sts({ iam: access })],
      trail: { record: () => undefined },
      onBug: console.error,
    };
    const door = await openDoor(world, parts);
    process.env['AWS_ENDPOINT_URL'] = door.url;
    close = door.close;
    const role = {
      name: 'approver',
      accountId: OUR_ACCOUNT,
      principalId: 'AROAAPPROVER',
      trustPolicy: { Statement: [] },
    };
    access.putRole({ arn: `arn:aws:iam::${OUR_ACCOUNT}:role/approver`, ...role, policies: [] });
  });
  afterAll(async () => {
    if (before === undefined) delete process.env['AWS_ENDPOINT_URL'];
    else process.env['AWS_ENDPOINT_URL'] = before;
    await close();
  });

  const verifier = () => stsIdentityVerifier(new STSClient({ region: REGION, credentials: ANY }));
  const signing =
    (credentials: { accessKeyId: string; secretAccessKey: string }, region: string = REGION, at = AT) =>
    (statement: string) =>
      identitySigner({ credentials })({ statement, region, at });

  identityVerifierContract(async () => {
    const userId = access.principalOf(access.openAccount(OUR_ACCOUNT).accessKeyId)?.principalId ?? '';
    const session = access.openSession(`arn:aws:iam::${OUR_ACCOUNT}:role/approver`, 'bob', 900);
    return {
      verifier: verifier(),
      user: { identity: { principal: ALICE, userId }, sign: signing(access.openAccount(OUR_ACCOUNT)) },
      session: { identity: { principal: BOB, userId: 'AROAAPPROVER:bob' }, sign: signing(session) },
    };
  });

  test('the SDK, whose clock is months away from local AWS’s, sets itself right by the refusal', async () => {
    const client = new STSClient({ region: REGION, credentials: access.openAccount(OUR_ACCOUNT) });

    expect(await client.send(new GetCallerIdentityCommand())).toMatchObject({ Arn: ALICE });
  });

  test.each([
    ['for another region', 'us-east-1', AT],
    ['a quarter of an hour ago', REGION, new Date(AT.getTime() - 901_000)],
    ['in a quarter of an hour', REGION, new Date(AT.getTime() + 901_000)],
  ])('what was signed %s STS itself refuses', async (_, region, at) => {
    const proof = await signing(access.openAccount(OUR_ACCOUNT), region, at)(STATEMENT);

    await expect(verifier().verify(proof, STATEMENT)).rejects.toMatchObject({
      code: 'identity.refused',
      details: { awsError: 'SignatureDoesNotMatch' },
    });
  });
});

describe('whatever STS seems to answer', () => {
  const PROOF: IdentityProof = {
    accessKeyId: 'ASIAEXAMPLEEXAMPLE00',
    signedAt: '20260301T000000Z',
    signature: '0f'.repeat(32),
    sessionToken: 'token+/=',
  };
  const identity = (arn: string, userId = 'AIDAALICE', account = OUR_ACCOUNT) =>
    `<Arn>${arn}</Arn><UserId>${userId}</UserId><Account>${account}</Account>`;
  const answerOf = (result: string) =>
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n <GetCallerIdentityResult>\n ${result}\n </GetCallerIdentityResult>\n <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
  const errorOf = (code: string) =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code></Error></ErrorResponse>`;

  let reply: (response: ServerResponse) => void;
  let asked: { method?: string | undefined; url?: string | undefined; headers: IncomingHttpHeaders; body: string }[] =
    [];
  const server = createServer((request, response) => {
    const body: Buffer[] = [];
    request.on('data', (part) => body.push(part));
    request.on('end', () => {
      const { method, url, headers } = request;
      asked.push({ method, url, headers, body: Buffer.concat(body).toString() });
      reply(response);
    });
  });
  let endpoint: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    asked = [];
  });

  const verify = (answer: typeof reply, timeoutMs?: number) => {
    reply = answer;
    return stsIdentityVerifier(new STSClient({ region: REGION, credentials: ANY, endpoint }), timeoutMs).verify(
      PROOF,
      STATEMENT,
    );
  };
  const says = (status: number, text: string) => verify((response) => response.writeHead(status).end(text));

  test('it was asked one request, of which the proof fills in four values and nothing else', async () => {
    await says(200, answerOf(identity(ALICE)));

    const signedHeaders = 'content-type;host;x-amz-date;x-amz-security-token;x-keywright-statement';
    expect(asked).toMatchObject([
      {
        method: 'POST',
        url: '/',
        body: 'Action=GetCallerIdentity&Version=2011-06-15',
        headers: {
          host: new URL(endpoint).host,
          'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
          'x-amz-date': PROOF.signedAt,
          'x-amz-security-token': PROOF.sessionToken,
          'x-keywright-statement': STATEMENT,
          authorization: `AWS4-HMAC-SHA256 Credential=${PROOF.accessKeyId}/20260301/${REGION}/sts/aws4_request, SignedHeaders=${signedHeaders}, Signature=${PROOF.signature}`,
        },
      },
    ]);
    expect(Object.keys(asked[0]?.headers ?? {}).filter((name) => name.startsWith('x-'))).toHaveLength(3);
  });

  test.each([
    ['a user', ALICE],
    ['the root of an account', `arn:aws:iam::${OUR_ACCOUNT}:root`],
    ['a session of a role', BOB],
    ...['aws-cn', 'aws-us-gov', 'aws-eusc', 'aws-iso', 'aws-iso-b', 'aws-iso-e', 'aws-iso-f'].map(
      (partition): [string, string] => [
        `a user of the partition ${partition}`,
        `arn:${partition}:iam::${OUR_ACCOUNT}:user/path/alice`,
      ],
    ),
  ])('%s is told', async (_, principal) => {
    expect(await says(200, answerOf(identity(principal)))).toEqual({ principal, userId: 'AIDAALICE' });
  });

  test('an answer with the declaration of XML is read as well', async () => {
    expect(await says(200, `<?xml version="1.0" encoding="UTF-8"?>\n${answerOf(identity(ALICE))}`)).toMatchObject({
      principal: ALICE,
    });
  });

  test.each<[string, string]>([
    ['JSON that holds one', JSON.stringify({ message: answerOf(identity(ALICE)) })],
    ['one in an answer of another kind', `<AssumeRoleResponse>${answerOf(identity(ALICE))}</AssumeRoleResponse>`],
    ['one behind something else', `unknown operation ${answerOf(identity(ALICE))}`],
    ['two names', answerOf(`<Arn>${BOB}</Arn>${identity(ALICE)}`)],
    ['a name twice and no id', answerOf(`<Arn>${ALICE}</Arn><Arn>${BOB}</Arn><Account>${OUR_ACCOUNT}</Account>`)],
    ['a name with markup in it', answerOf(identity(`${ALICE}<!-- -->`))],
    ['a name that is none', answerOf(identity('alice'))],
    ['a partition that there is none of', answerOf(identity(ALICE.replace('arn:aws:', 'arn:aws-evil:')))],
    ['a role without a session', answerOf(identity(`arn:aws:iam::${OUR_ACCOUNT}:role/approver`))],
    ['another account than the name’s', answerOf(identity(ALICE, 'AIDAALICE', '999988887777'))],
    ['no id', answerOf(identity(ALICE, ''))],
    ['nothing', ''],
  ])('an answer of 200 with %s is no identity', async (_, text) => {
    await expect(says(200, text)).rejects.toMatchObject({ code: 'sts.unreachable' });
  });

  test.each<[number, string, string]>([
    [403, 'SignatureDoesNotMatch', 'identity.refused'],
    [403, 'InvalidClientTokenId', 'identity.refused'],
    [403, 'ExpiredToken', 'identity.refused'],
    [400, 'Throttling', 'sts.unreachable'],
    [429, 'TooManyRequests', 'sts.unreachable'],
    [500, 'InternalFailure', 'sts.unreachable'],
    [503, 'ServiceUnavailable', 'sts.unreachable'],
  ])('%i %s is %s', async (status, code, expected) => {
    await expect(says(status, errorOf(code))).rejects.toMatchObject({
      code: expected,
      retry: expected === 'sts.unreachable',
    });
  });

  test('an identity that comes with a refusal is none', async () => {
    await expect(says(403, answerOf(identity(ALICE)))).rejects.toMatchObject({ code: 'sts.unreachable' });
  });

  test('nobody is followed elsewhere', async () => {
    const answer = verify((response) => response.writeHead(307, { location: `${endpoint}/elsewhere` }).end());

    await expect(answer).rejects.toMatchObject({ code: 'sts.unreachable', retry: true });
    expect(asked).toHaveLength(1);
  });

  test('an answer without an end, and one that never comes, are given up', async () => {
    const endless = verify((response) => response.writeHead(200).write(' '.repeat(100_000)));
    await expect(endless).rejects.toThrow(/more than 16384 bytes/);
    await expect(verify(() => undefined, 100)).rejects.toMatchObject({ code: 'sts.unreachable', retry: true });
    const stalled = verify((response) => response.writeHead(200).write('<'), 100);
    await expect(stalled).rejects.toMatchObject({ code: 'sts.unreachable', retry: true });
  });

  test('an endpoint that could not be told is asked for again', async () => {
    let attempts = 0;
    const credentials = async () => {
      attempts += 1;
      if (attempts === 1) throw new Error('no credentials yet');
      return ANY;
    };
    const verifier = stsIdentityVerifier(new STSClient({ region: REGION, credentials, endpoint }));
    reply = (response) => response.writeHead(200).end(answerOf(identity(ALICE)));

    await expect(verifier.verify(PROOF, STATEMENT)).rejects.toThrow('no credentials yet');
    await expect(verifier.verify(PROOF, STATEMENT)).resolves.toMatchObject({ principal: ALICE });
  });

  test('where nobody listens, it may be asked again', async () => {
    const verifier = stsIdentityVerifier(
      new STSClient({ region: REGION, credentials: ANY, endpoint: 'http://127.0.0.1:9' }),
    );

    await expect(verifier.verify(PROOF, STATEMENT)).rejects.toMatchObject({ code: 'sts.unreachable', retry: true });
  });
});

test('by itself the endpoint is the region’s own', async () => {
  expect((await endpointOf(new STSClient({ region: 'eu-west-1', credentials: ANY }))).href).toBe(
    'https://sts.eu-west-1.amazonaws.com/',
  );
  expect((await endpointOf(new STSClient({ region: 'cn-north-1', credentials: ANY }))).host).toBe(
    'sts.cn-north-1.amazonaws.com.cn',
  );
});
