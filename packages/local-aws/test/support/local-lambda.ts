/** Lambda with real queues, roles and clock, and a stream that a test writes itself. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../call';
import { movableClock } from '../../clock';
import type { StreamRecord, TableStreams } from '../../contracts';
import { faultPlan } from '../../faults';
import { iam } from '../../iam/iam';
import { type LambdaOptions, lambda } from '../../lambda/engine';
import type { FunctionConfiguration } from '../../lambda/functions';
import type { MappingConfiguration } from '../../lambda/mappings';
import { sqs } from '../../sqs/engine';
import { openStore, type Store } from '../../store';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-central-1';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/worker`;

/** A stream whose records are pushed by the test; a position is the number of records read. */
export function memoryStreams() {
  const records: StreamRecord[] = [];
  const streams: TableStreams = {
    async read(_, after, max) {
      const from = Number(after ?? 0);
      const found = records.slice(from, from + max);
      return { records: found, position: String(from + found.length) };
    },
  };
  return {
    streams,
    push(...ids: readonly string[]) {
      for (const id of ids)
        records.push({
          eventID: id,
          eventName: 'INSERT',
          dynamodb: { SequenceNumber: String(100 + records.length), Keys: { pk: { S: id } } },
        });
    },
  };
}

export function localLambda(options: Partial<LambdaOptions> & { readonly store?: Store } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'local-lambda-'));
  const store = options.store ?? openStore();
  const clock = movableClock();
  const faults = faultPlan(Math.random);
  const world = { store, clock, faults, random: Math.random };
  const identities = iam(world);
  identities.openAccount(ACCOUNT);
  identities.putRole({
    arn: ROLE,
    name: 'worker',
    accountId: ACCOUNT,
    principalId: 'AROAWORKER',
    trustPolicy: { Statement: [] },
    policies: [{ Statement: [{ Effect: 'Allow', Action: ['sqs:*', 'dynamodb:*'], Resource: '*' }] }],
  });
  const endpoint = () => 'http://127.0.0.1:1';
  const queues = sqs(world, { iam: identities, accountUrl: endpoint });
  const { streams, push } = memoryStreams();
  const engine = lambda(
    world,
    { iam: identities, sqs: queues, queues, streams, endpoint },
    { codeFolder: folder, ...options },
  );
  const beat = setInterval(() => {
    queues.tick();
    engine.tick();
  }, 2);

  const administrator = () => {
    const principal = identities.principalOf(identities.openAccount(ACCOUNT).accessKeyId);
    if (principal === undefined) throw new Error('The account was opened above.');
    return principal;
  };
  const call = async (operation: string, input: JsonObject): Promise<JsonObject> => {
    const from = { requestId: 'test', sourceIp: '127.0.0.1', userAgent: 'test' };
    const outcome = await queues.handle({
      service: 'sqs',
      operation,
      region: REGION,
      caller: administrator(),
      input,
      ...from,
    });
    if (outcome.error) throw outcome.error;
    return outcome.output ?? {};
  };
  const urlOf = (name: string) => `${endpoint()}/${ACCOUNT}/${name}`;
  const arnOf = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
  let functions = 0;

  return {
    ...{ engine, store, clock, faults, iam: identities, queues, pushRecords: push, administrator },
    /** Creates a function from the source of its module; it appends what it is asked to `seen`, see below. */
    createFunction(source: string, configuration: Partial<FunctionConfiguration> = {}) {
      functions += 1;
      const code = mkdtempSync(join(folder, 'code-'));
      writeFileSync(join(code, 'index.mjs'), source);
      return engine.createFunction(
        {
          ...{ name: `worker-${functions}`, accountId: ACCOUNT, region: REGION, roleArn: ROLE, runtime: 'nodejs24.x' },
          ...{ handler: 'index.handler', timeoutSeconds: 5, memoryMb: 128, variables: {} },
          ...configuration,
        },
        { folder: code },
      );
    },
    async createQueue(name: string, attributes: JsonObject = {}) {
      await call('CreateQueue', { QueueName: name, Attributes: attributes });
      return arnOf(name);
    },
    map(functionArn: string, sourceArn: string, mapping: Partial<MappingConfiguration> = {}) {
      const usual = { isEnabled: true, batchSize: 10, windowSeconds: 0, reportsFailures: true, filters: [] };
      return engine.createEventSourceMapping({ functionArn, sourceArn, ...usual, ...mapping });
    },
    send: (queue: string, body: string, more: JsonObject = {}) =>
      call('SendMessage', { QueueUrl: urlOf(queue), MessageBody: body, ...more }),
    /** Messages of a queue by body, visible or not. */
    async count(queue: string) {
      const input = { QueueUrl: urlOf(queue), AttributeNames: ['All'] };
      const attributes = (await call('GetQueueAttributes', input))['Attributes'] as Readonly<Record<string, string>>;
      const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: hidden } = attributes;
      return { visible: Number(visible), hidden: Number(hidden) };
    },
    async receive(queue: string) {
      const input = { QueueUrl: urlOf(queue), MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
      return ((await call('ReceiveMessage', input))['Messages'] ?? []) as unknown as readonly {
        readonly Body: string;
        readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue: string }>>;
      }[];
    },
    async stop() {
      clearInterval(beat);
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const PATIENCE_MS = 15_000;

/** Asks again until it holds, and gives the answer. */
export async function eventually<Result>(
  read: () => Result | Promise<Result>,
  holds: (result: Result) => boolean,
): Promise<Result> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const result = await read();
    if (holds(result)) return result;
    if (performance.now() > giveUpAt) throw new Error(`It never came to pass; last seen: ${JSON.stringify(result)}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
