import { apiAt } from '../../../../cli/operate/api';
import { ApiRefusal } from '../../../../cli/operate/api-refusal';
import type { ProofRequest } from '../../../../cli/operate/identity-signer';
import type { Answer, Headers, SignedFetch } from '../../../../cli/operate/signed-fetch';

import { statementOf } from '../../../../shared/domain/retirement/identity-proof';

const URL_OF_API = 'https://abc.lambda-url.eu-central-1.on.aws/';

/** Answers in turn what a test says, the last one for ever. */
function answering(...answers: readonly (Answer | Error)[]) {
  const asked: string[] = [];
  const proofs: unknown[] = [];
  const send = async (method: string, url: URL, body?: string, headers: Headers = {}) => {
    asked.push(`${method} ${url}${body ? ` ${body}` : ''}`);
    if (headers['x-keywright-proof'] !== undefined) proofs.push(JSON.parse(headers['x-keywright-proof']));
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    if (answer instanceof Error || answer === undefined) throw answer;
    return answer;
  };
  return { asked, proofs, send: Object.assign(send, { region: async () => 'eu-central-1' }) as SignedFetch };
}

const json = (status: number, body: object): Answer => ({ status, text: JSON.stringify(body) });
const stage = 'dev';

async function refusal(call: Promise<unknown>): Promise<ApiRefusal> {
  const outcome = await call.catch((error: unknown) => error);
  if (outcome instanceof ApiRefusal) return outcome;
  throw new Error(`Expected a refusal, got ${JSON.stringify(outcome)}`);
}

test('the address comes from the option, then from the environment, then from Lambda by the function’s name', async () => {
  const cases = [
    { address: { api: URL_OF_API.slice(0, -1), stage }, environment: { KEYWRIGHT_API_URL: 'https://other/' } },
    { address: { stage }, environment: { KEYWRIGHT_API_URL: URL_OF_API } },
  ];
  for (const { address, environment } of cases) {
    const { asked, send } = answering(json(200, {}));
    await apiAt(address, environment, send).call('list-keys', { key: 'acme' });
    expect(asked).toEqual([`POST ${URL_OF_API}list-keys {"key":"acme"}`]);
  }

  const { asked, send } = answering(json(200, { FunctionUrl: URL_OF_API }), json(200, {}));
  const api = apiAt({ stage: 'prod' }, { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' }, send);
  await api.call('list-keys', {});
  await api.call('list-keys', {});
  expect(asked).toEqual([
    'GET http://127.0.0.1:4566/2021-10-31/functions/keywright-prod-api/url',
    ...Array(2).fill(`POST ${URL_OF_API}list-keys {}`),
  ]);
});

test('what the API refuses is told in its own words, once', async () => {
  const { asked, send } = answering(
    json(409, { error: { code: 'state.forbids', message: 'key: is retiring.', field: 'key', retry: false } }),
  );

  expect(await refusal(apiAt({ api: URL_OF_API, stage }, {}, send).call('act', {}))).toMatchObject({
    code: 'state.forbids',
    message: 'key: is retiring.',
    field: 'key',
  });
  expect(asked).toHaveLength(1);
});

test('an answer that asks to try again is tried again', async () => {
  const busy = json(503, { error: { code: 'kms.throttled', message: 'KMS is busy.', retry: true } });
  const { asked, send } = answering(busy, json(200, { done: true }));

  expect(await apiAt({ api: URL_OF_API, stage }, {}, send).call('act', {})).toEqual({ done: true });
  expect(asked).toHaveLength(2);
});

test.each([
  ['IAM refuses', json(403, { Message: 'Forbidden.' }), /403.*needs the policy keywright-dev-operator/],
  ['a stranger answers', { status: 404, text: '<html>' }, /answers 404/],
  [
    'nobody answers',
    new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }),
    /does not answer: ECONNREFUSED/,
  ],
  ['there are no credentials', Object.assign(new Error('none'), { name: 'CredentialsProviderError' }), /AWS_PROFILE/],
])('when %s, the person hears what to do', async (_, answer, message) => {
  const { send } = answering(answer);

  expect((await refusal(apiAt({ api: URL_OF_API, stage }, {}, send).call('act', {}))).message).toMatch(message);
});

test('a stage without an API is named, and so is the way out', async () => {
  const { send } = answering(json(404, { Message: 'The resource you requested does not exist.' }));

  expect((await refusal(apiAt({ stage: 'prdo' }, {}, send).call('act', {}))).message).toMatch(
    /no function keywright-prdo-api in eu-central-1.*--api.*--stage/,
  );
});

test('an address that is none is refused before anything is sent', async () => {
  const { asked, send } = answering(json(200, {}));

  expect(await refusal(apiAt({ api: 'my-api', stage }, {}, send).call('act', {}))).toMatchObject({ field: 'api' });
  expect(asked).toEqual([]);
});

/** Lambda knows a function by its name, and the API answers; the time is theirs. */
const FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:111122223333:function:keywright-dev-api';
const known = (url = URL_OF_API, functionArn = FUNCTION_ARN): Answer => ({
  ...json(200, { FunctionUrl: url, FunctionArn: functionArn }),
  date: 'Sun, 01 Mar 2026 12:00:00 GMT',
});

/** Credentials that sign what they are told. */
function signer() {
  const requests: ProofRequest[] = [];
  const sign = async (request: ProofRequest) => {
    requests.push(request);
    return { accessKeyId: 'AKIA', signedAt: String(requests.length), signature: request.statement };
  };
  return { requests, sign };
}

const LAMBDA = 'https://lambda.eu-central-1.amazonaws.com/2021-10-31/functions';

test('what takes two people is proven: for the function that Lambda names, the operation and the body, by their clock', async () => {
  const { asked, proofs, send } = answering(known(), json(200, {}));
  const { requests, sign } = signer();

  await apiAt({ stage }, {}, send, sign).call('request-retirement-step', { key: 'k' });

  const body = '{"key":"k"}';
  const statement = statementOf({ functionArn: FUNCTION_ARN, operation: 'request-retirement-step', body });
  expect(asked).toEqual([`GET ${LAMBDA}/keywright-dev-api/url`, `POST ${URL_OF_API}request-retirement-step ${body}`]);
  expect(proofs).toEqual([{ accessKeyId: 'AKIA', signedAt: '1', signature: statement }]);
  expect(requests).toMatchObject([{ statement, region: 'eu-central-1' }]);
  expect(Math.abs((requests[0]?.at.getTime() ?? 0) - Date.UTC(2026, 2, 1, 12))).toBeLessThan(60_000);
});

test('an approval is asked of its own function, and what one may do alone brings no proof', async () => {
  const approving = 'https://def.lambda-url.eu-central-1.on.aws/';
  const { asked, proofs, send } = answering(known(approving), json(200, {}), known(), json(200, {}));
  const api = apiAt({ stage }, {}, send, signer().sign);

  await api.call('approve-retirement-step', {});
  await api.call('undo-retirement', {});

  expect(asked).toEqual([
    `GET ${LAMBDA}/keywright-dev-approve-retirement/url`,
    `POST ${approving}approve-retirement-step {}`,
    `GET ${LAMBDA}/keywright-dev-api/url`,
    `POST ${URL_OF_API}undo-retirement {}`,
  ]);
  expect(proofs).toHaveLength(1);
});

test('each attempt brings a proof of its own', async () => {
  const busy = json(503, { error: { code: 'sts.unreachable', message: 'STS is busy.', retry: true } });
  const { proofs, send } = answering(known(), busy, json(200, {}));

  await apiAt({ stage }, {}, send, signer().sign).call('request-retirement-step', {});

  expect(proofs).toMatchObject([{ signedAt: '1' }, { signedAt: '2' }]);
});

test('an address that is not that of the stage is told, and nothing is signed for either', async () => {
  for (const [operation, environment, api] of [
    ['request-retirement-step', { KEYWRIGHT_API_URL: 'https://other.lambda-url.us-east-1.on.aws' }, undefined],
    ['approve-retirement-step', {}, 'https://other.lambda-url.us-east-1.on.aws'],
  ] as const) {
    const { asked, send } = answering(known(), json(200, {}));
    const { requests, sign } = signer();

    const refused = await refusal(apiAt({ api, stage }, environment, send, sign).call(operation, {}));

    expect(refused).toMatchObject({
      field: 'api',
      message: expect.stringMatching(/is not the API of stage dev in us-east-1/),
    });
    expect(asked).toEqual(['GET https://lambda.us-east-1.amazonaws.com/2021-10-31/functions/keywright-dev-api/url']);
    expect(requests).toEqual([]);
  }
});

test('who may not approve hears which policy lets them', async () => {
  const { send } = answering(json(403, { Message: 'User is not authorized.' }));

  expect((await refusal(apiAt({ stage }, {}, send).call('approve-retirement-step', {}))).message).toMatch(
    /keywright-dev-approve-retirement .*Attach the policy keywright-dev-approver/,
  );
});
