import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { unpack } from '../../lambda/code';
import { ACCOUNT, localLambda, REGION } from '../support/local-lambda';

const folder = mkdtempSync(join(tmpdir(), 'functions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.stop()));
});

function local() {
  const made = localLambda();
  started.push(made);
  const invoke = async (name: string, options: { body?: string; headers?: Record<string, string> } = {}) => {
    const request = { method: 'POST', path: `/2015-03-31/functions/${encodeURIComponent(name)}/invocations` };
    const answer = await made.engine.handleHttp({
      ...request,
      query: new URLSearchParams(),
      headers: options.headers ?? {},
      body: Buffer.from(options.body ?? '{}'),
      caller: made.administrator(),
      region: REGION,
      requestId: 'request-1',
    });
    return { ...answer, body: Buffer.from(answer.body).toString('utf8') };
  };
  return { ...made, invoke };
}

describe('the code of a function', () => {
  const zip = zipSync({
    'index.mjs': strToU8('export const handler = async () => 1;'),
    'deep/other.mjs': strToU8('1'),
  });

  test('is unpacked once for the same content', () => {
    const first = unpack({ zip }, folder, 'index.handler');
    writeFileSync(join(first.folder, 'mark'), '');
    const second = unpack({ zip }, folder, 'index.handler');

    expect(second).toEqual(first);
    expect(['mark', 'deep/other.mjs'].map((name) => existsSync(join(second.folder, name)))).toEqual([true, true]);
  });

  test('must have the module that the handler names', () => {
    expect(() => unpack({ zip }, folder, 'main.handler')).toThrow(
      "Handler 'main.handler': the code has no module 'main'",
    );
  });

  test('stays inside its folder', () => {
    const escaping = zipSync({ '../outside.mjs': strToU8('1'), 'index.mjs': strToU8('1') });

    expect(() => unpack({ zip: escaping }, folder, 'index.handler')).toThrow(
      "Zip entry '../outside.mjs' leaves its folder.",
    );
    expect(existsSync(join(folder, 'outside.mjs'))).toBe(false);
  });
});

test('a function is invoked by name or by ARN, and its answer is the body', async () => {
  const { invoke, createFunction } = local();
  const echo = createFunction('export const handler = async (event) => ({ heard: event });');

  for (const name of [echo.name, echo.arn, `${echo.arn}:$LATEST`, `${ACCOUNT}:function:${echo.name}`])
    expect(await invoke(name, { body: '{"a":1}' })).toMatchObject({ status: 200, body: '{"heard":{"a":1}}' });
});

test("an error of the function is a good answer with Lambda's mark on it, and the log's tail when asked for", async () => {
  const { invoke, createFunction } = local();
  const failing = createFunction(
    "export const handler = async () => { console.log('before'); throw new TypeError('no'); };",
  );

  const { status, headers, body } = await invoke(failing.name, { headers: { 'x-amz-log-type': 'Tail' } });

  expect(status).toBe(200);
  expect(headers['x-amz-function-error']).toBe('Unhandled');
  expect(JSON.parse(body)).toMatchObject({ errorType: 'TypeError', errorMessage: 'no' });
  expect(Buffer.from(headers['x-amz-log-result'] ?? '', 'base64').toString()).toBe('before');
});

test('a function at its reserved concurrency refuses', async () => {
  const { invoke, createFunction } = local();
  const off = createFunction('export const handler = async () => 1;', { reservedConcurrency: 0 });

  await expect(invoke(off.name)).rejects.toMatchObject({ code: 'TooManyRequestsException', status: 429 });
});

test.each([
  ['a payload that is no JSON', { body: '{' }, 'InvalidRequestContentException'],
  ['a payload that is too large', { body: `"${'x'.repeat(6 * 1024 * 1024)}"` }, 'RequestEntityTooLargeException'],
  [
    'an unknown type of invocation',
    { headers: { 'x-amz-invocation-type': 'Perhaps' } },
    'InvalidParameterValueException',
  ],
])('%s is refused', async (_, options, code) => {
  const { invoke, createFunction } = local();
  const one = createFunction('export const handler = async () => 1;');

  await expect(invoke(one.name, options)).rejects.toMatchObject({ code });
});

test('an unchanged function stays warm when it is deployed again, a changed one starts afresh', async () => {
  const { invoke, createFunction, engine } = local();
  const counter = createFunction('let calls = 0; export const handler = async () => [++calls, process.env.COLOUR];', {
    name: 'counter',
    variables: { COLOUR: 'red' },
  });
  const again = (variables: Record<string, string>) => {
    const {
      arn: _arn,
      codeFolder,
      codeSha256: _sha,
      revision: _revision,
      asynchronous: _a,
      policy: _p,
      ...configuration
    } = counter;
    engine.createFunction({ ...configuration, variables }, { folder: codeFolder });
  };

  expect((await invoke('counter')).body).toBe('[1,"red"]');
  again({ COLOUR: 'red' });
  expect((await invoke('counter')).body).toBe('[2,"red"]');
  again({ COLOUR: 'blue' });
  expect((await invoke('counter')).body).toBe('[1,"blue"]');
});

test('a function sees the variables that Lambda sets, its credentials, and none of the host', async () => {
  process.env['SECRET_OF_THE_HOST'] = 'x';
  const { invoke, createFunction, iam } = local();
  const one = createFunction('export const handler = async () => process.env;', { variables: { MINE: '1' } });

  const seen = JSON.parse((await invoke(one.name)).body) as Record<string, string>;
  delete process.env['SECRET_OF_THE_HOST'];

  expect(seen).toMatchObject({
    MINE: '1',
    AWS_REGION: REGION,
    AWS_LAMBDA_FUNCTION_NAME: one.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    _HANDLER: 'index.handler',
    TZ: ':UTC',
    // The SDK complains of a Node.js that the function did not choose, in each environment anew, unless this is set.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  });
  expect(seen).not.toHaveProperty('SECRET_OF_THE_HOST');
  expect(seen).not.toHaveProperty('PATH');
  expect(iam.principalOf(seen['AWS_ACCESS_KEY_ID'] ?? '')?.arn).toBe(
    `arn:aws:sts::${ACCOUNT}:assumed-role/worker/${one.name}`,
  );
});

test('after the end no function is started any more, which would keep the process from ending', async () => {
  const { engine, invoke, createFunction } = local();
  const { name } = createFunction('export const handler = async () => { setInterval(() => {}, 1000); };');

  await engine.close();

  expect((await invoke(name)).body).toContain('Local AWS has stopped.');
  expect(process.getActiveResourcesInfo()).not.toContain('MessagePort');
});
