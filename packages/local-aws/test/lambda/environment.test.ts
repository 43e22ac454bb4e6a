import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Environment, openEnvironment } from '../../lambda/environment';

const folder = mkdtempSync(join(tmpdir(), 'environment-'));
const open: Environment[] = [];
let modules = 0;

afterAll(async () => {
  await Promise.all(open.map((environment) => environment.close()));
  rmSync(folder, { recursive: true, force: true });
});

function environmentOf(source: string, options: { timeoutMs?: number; aheadMs?: number; memoryMb?: number } = {}) {
  modules += 1;
  const path = join(folder, `index-${modules}.mjs`);
  writeFileSync(path, source);
  const aheadMs = new SharedArrayBuffer(8);
  new Float64Array(aheadMs)[0] = options.aheadMs ?? 0;
  const lines: string[] = [];
  const environment = openEnvironment({
    moduleUrl: pathToFileURL(path).href,
    exportName: 'handler',
    handler: 'index.handler',
    variables: { ONLY: 'this' },
    memoryMb: options.memoryMb ?? 128,
    timeoutMs: options.timeoutMs ?? 3_000,
    aheadMs,
    onLine: (line) => lines.push(line),
  });
  open.push(environment);
  const invoke = (event: unknown) => environment.invoke(JSON.stringify(event), context);
  return { environment, lines, aheadMs, invoke };
}

const context = {
  awsRequestId: 'request-1',
  functionName: 'worker',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:111122223333:function:worker',
  memoryLimitInMB: '128',
  logGroupName: '/aws/lambda/worker',
  logStreamName: 'stream',
};

test('a handler gets event and context, and its answer comes back as JSON', async () => {
  const { invoke } = environmentOf(
    `export const handler = async (event, context) => ({ event, name: context.functionName, id: context.awsRequestId,
       inTime: context.getRemainingTimeInMillis() <= 3000 && context.getRemainingTimeInMillis() > 0 });`,
  );

  const answer = await invoke({ a: [1] });

  expect(answer).toEqual({
    payload: JSON.stringify({ event: { a: [1] }, name: 'worker', id: 'request-1', inTime: true }),
  });
});

test('a function sees its own variables and nothing of the host', async () => {
  const { invoke } = environmentOf('export const handler = async () => Object.keys(process.env);');

  expect(await invoke({})).toEqual({ payload: '["ONLY"]' });
});

test('one environment keeps its state from one invocation to the next', async () => {
  const { invoke } = environmentOf('let calls = 0; export const handler = async () => (calls += 1);');

  expect([await invoke({}), await invoke({})]).toEqual([{ payload: '1' }, { payload: '2' }]);
});

test('a handler that returns nothing answers null', async () => {
  const { invoke } = environmentOf('export const handler = async () => {};');

  expect(await invoke({})).toEqual({ payload: 'null' });
});

test('an error that a handler throws is the answer, and the environment lives on', async () => {
  const { invoke, environment } = environmentOf(
    'export const handler = async ({ fail }) => { if (fail) throw new RangeError("too far"); return "well"; };',
  );

  expect(await invoke({ fail: true })).toMatchObject({ failure: { errorType: 'RangeError', errorMessage: 'too far' } });
  expect(environment.ended).toBe(false);
  expect(await invoke({})).toEqual({ payload: '"well"' });
});

test('a handler that takes too long is ended, even in a loop that never yields, and its last words are kept', async () => {
  const { invoke, environment, lines } = environmentOf(
    'export const handler = async () => { console.log("working"); for (;;); };',
    { timeoutMs: 200 },
  );

  const answer = await invoke({});

  expect(answer).toEqual({
    failure: {
      errorType: 'Sandbox.Timedout',
      errorMessage: 'RequestId: request-1 Error: Task timed out after 0.20 seconds',
    },
  });
  expect(environment.ended).toBe(true);
  expect(lines).toEqual(expect.arrayContaining(['working', 'request-1 Task timed out after 0.20 seconds']));
});

test.each([
  ['leaves the process', 'export const handler = async () => process.exit(3);', 'Runtime.ExitError'],
  [
    'lets a rejection go unhandled',
    'export const handler = () => { Promise.reject(new TypeError("lost")); return new Promise(() => {}); };',
    'TypeError',
  ],
  [
    'fills its memory',
    'export const handler = async () => { const a = []; for (;;) a.push({}); };',
    'Runtime.OutOfMemory',
  ],
])('a function that %s fails, and takes only its environment with it', async (_, source, errorType) => {
  const { invoke, environment } = environmentOf(source, { memoryMb: 16, timeoutMs: 20_000 });

  expect(await invoke({})).toMatchObject({ failure: { errorType } });
  expect(environment.ended).toBe(true);
});

test.each([
  ['throws while it loads', 'throw new SyntaxError("broken"); export const handler = 1;', 'broken'],
  ['exports no handler', 'export const other = async () => {};', 'index.handler is undefined or not exported'],
])('a module that %s fails every invocation with the reason', async (_, source, errorMessage) => {
  const { invoke } = environmentOf(source);

  expect(await invoke({})).toMatchObject({ failure: { errorMessage } });
  expect(await invoke({})).toMatchObject({ failure: { errorMessage } });
});

test('a function reads the clock of local AWS, as it moves', async () => {
  const { invoke, aheadMs } = environmentOf(
    `class Later extends Date {}
     export const handler = async () => [Date.now(), +new Date(), +new Later(), Date.parse(Date()), +new Date(5), new Date() instanceof Date];`,
  );
  const dayMs = 86_400_000;

  new Float64Array(aheadMs)[0] = 30 * dayMs;
  const before = Date.now();
  const answer = await invoke({});

  const seen =
    'payload' in answer ? (JSON.parse(answer.payload) as [number, number, number, number, number, boolean]) : [];
  const aheadDays = seen.slice(0, 4).map((ms) => Math.round((Number(ms) - before) / dayMs));
  expect(aheadDays).toEqual([30, 30, 30, 30]);
  expect(seen.slice(4)).toEqual([5, true]);
});

test('lines are whole, whatever pieces they were written in', async () => {
  const { invoke, lines } = environmentOf(
    `export const handler = async () => { process.stdout.write('one '); process.stdout.write('line\\ntwo\\n'); console.error('three'); };`,
  );

  await invoke({});

  expect(lines).toEqual(['one line', 'two', 'three']);
});
