import { ApiRefusal, apiAt } from '../../../../cli/operate/api';
import type { Answer, SignedFetch } from '../../../../cli/operate/signed-fetch';

const URL_OF_API = 'https://abc.lambda-url.eu-central-1.on.aws/';

/** Answers in turn what a test says, the last one for ever. */
function answering(...answers: readonly (Answer | Error)[]) {
  const asked: string[] = [];
  const send = async (method: string, url: URL, body?: string) => {
    asked.push(`${method} ${url}${body ? ` ${body}` : ''}`);
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    if (answer instanceof Error || answer === undefined) throw answer;
    return answer;
  };
  return { asked, send: Object.assign(send, { region: async () => 'eu-central-1' }) as SignedFetch };
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
  ['IAM refuses', json(403, { Message: 'Forbidden.' }), /403.*lambda:InvokeFunctionUrl and lambda:InvokeFunction/],
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
