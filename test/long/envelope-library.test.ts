/** An application imports the built library, as it would from a registry, and uses it on the deployed product. */
import { execFile } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DisableKeyCommand } from '@aws-sdk/client-kms';
import {
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
// The types that an application gets: `npm run types` resolves them by package.json's exports.
import type { EnvelopeError, OpenEnvelopeOptions, Place } from 'keywright-envelope';
import { dynamoLiveTraffic } from '../../shared/adapters/dynamo-live-traffic';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';

const ROOT = join(__dirname, '../..');
const PLACE: Place = { customerId: 'globex', dataStoreId: 'documents' };

let product: DeployedProduct;
beforeAll(async () => {
  product = await deployedProduct();
});
afterAll(() => product.stop());

/** Runs the application in a process of its own, under a role with the product's policy for it. @returns what it reports. */
const application = (source: string, ...args: readonly string[]) => applicationIn({}, source, ...args);

async function applicationIn(
  environment: Readonly<Record<string, string>>,
  source: string,
  ...args: readonly string[]
): Promise<unknown> {
  const options: OpenEnvelopeOptions = product.tables;
  const { accessKeyId, secretAccessKey, sessionToken } = product.asApplication();
  const code = `
    import * as library from 'keywright-envelope';
    const [options, place, ...args] = process.argv.slice(1).map((text) => JSON.parse(text));
    const report = await (async () => { ${source} })();
    console.log(JSON.stringify(report));`;
  const given = [options, PLACE, ...args].map((value) => JSON.stringify(value));
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code, ...given], {
    cwd: ROOT,
    // Jest's own copy: it is told where local AWS is.
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      ...environment,
    },
  });
  return JSON.parse(stdout);
}

test('the package offers what its entry says, and nothing else', async () => {
  const names = await application('return Object.keys(library).sort();');

  expect(names).toEqual(['EnvelopeError', 'createEnvelope', 'openEnvelope', 'reprotect']);
});

test('what one process protects another reads; a key that fails an application opens an incident', async () => {
  const kmsKeyArn = await product.customer('globex');
  const container = await application(`
    const container = await library.openEnvelope(options).encrypt(place, Buffer.from('hello'));
    return Buffer.from(container).toString('base64');`);

  const read = `
    const envelope = library.openEnvelope(options);
    const answer = await envelope.decrypt(place, Buffer.from(args[0], 'base64')).catch((error) => error);
    if (!(answer instanceof library.EnvelopeError)) return { text: Buffer.from(answer).toString() };
    return { code: answer.code, reason: answer.reason, retryable: answer.retryable };`;
  expect(await application(read, String(container))).toEqual({ text: 'hello' });

  await product.kms.send(new DisableKeyCommand({ KeyId: kmsKeyArn }));
  const refusal: Pick<EnvelopeError, 'code' | 'retryable'> = { code: 'KEY_UNAVAILABLE', retryable: true };
  expect(await application(read, String(container))).toEqual({ ...refusal, reason: 'kms.key-disabled' });
  await product.aws.idle();

  const incidents = [];
  for await (const incident of product.control.ofKmsKey('incident', kmsKeyArn)) incidents.push(incident);
  expect(incidents).toMatchObject([{ cause: 'key-disabled' }]);
});

test('how often an application asks KMS is counted where re-encryption reads it', async () => {
  await product.customer('initech');
  const asked = await application(`
    const envelope = library.openEnvelope({ ...options, windowMs: 0 });
    const untilMs = Date.now() + 1_500;
    let asked = 0;
    for (; Date.now() < untilMs; asked += 1) await envelope.encrypt({ ...place, customerId: 'initech' }, Buffer.from('hello'));
    return asked;`);

  const documents = DynamoDBDocumentClient.from(new DynamoDBClient());
  const counted = await dynamoLiveTraffic(documents, product.tables.reportTableName).count('own/eu-central-1');
  expect(counted?.calls).toBeGreaterThan(0);
  expect(counted?.calls).toBeLessThanOrEqual(Number(asked));
  expect(counted?.throttled).toBe(0);
});

describe('what the application’s role lets it do', () => {
  const documents = () => DynamoDBDocumentClient.from(new DynamoDBClient({ credentials: product.asApplication() }));
  const REFUSED = { name: 'AccessDeniedException' };
  const OUTBOX_ROW = { pk: 'fact#forged', detailType: 'incident-opened.v1', detail: '{"customerId":".."}' };

  test.each([
    'fact#forged',
    'kms-key#arn:aws:kms:eu-central-1:111122223333:key/1',
    'data-store#globex/documents',
    'customer-window#globex',
    'live-kms#own/eu-central-1#0',
  ])('it writes no row of the control table: %s', async (pk) => {
    const { controlTableName: TableName } = product.tables;
    const writes = [
      new PutCommand({ TableName, Item: { ...OUTBOX_ROW, pk } }),
      new UpdateCommand({
        TableName,
        Key: { pk },
        UpdateExpression: 'SET detail = :d',
        ExpressionAttributeValues: { ':d': '{}' },
      }),
      new DeleteCommand({ TableName, Key: { pk } }),
      new BatchWriteCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: { ...OUTBOX_ROW, pk } } }] } }),
      new TransactWriteCommand({ TransactItems: [{ Put: { TableName, Item: { ...OUTBOX_ROW, pk } } }] }),
      new TransactWriteCommand({ TransactItems: [{ Delete: { TableName, Key: { pk } } }] }),
    ];

    for (const write of writes) await expect(documents().send(write as PutCommand)).rejects.toMatchObject(REFUSED);
  });

  test('it reads data stores, KMS keys and windows there, and nothing else', async () => {
    const { controlTableName: TableName } = product.tables;
    const get = (pk: string) => documents().send(new GetCommand({ TableName, Key: { pk } }));

    for (const pk of ['data-store#globex/documents', 'customer-window#globex'])
      await expect(get(pk)).resolves.toBeDefined();
    for (const pk of ['customer#globex', 'fact#1', 'audit-head#globex', 'approval#x']) {
      await expect(get(pk)).rejects.toMatchObject(REFUSED);
    }
    await expect(documents().send(new ScanCommand({ TableName }))).rejects.toMatchObject(REFUSED);
  });

  test('it reports, and can leave nothing but reports: words of its own page nobody', async () => {
    const { reportTableName: TableName } = product.tables;
    const put = new PutCommand({ TableName, Item: OUTBOX_ROW });
    const update = (pk: string, failure: string) =>
      documents().send(
        new UpdateCommand({
          TableName,
          Key: { pk },
          UpdateExpression: 'SET failure = :failure',
          ExpressionAttributeValues: { ':failure': failure },
        }),
      );

    await expect(documents().send(put)).rejects.toMatchObject(REFUSED);
    await expect(update('fact#forged', 'x')).rejects.toMatchObject(REFUSED);
    await update('key-failure#arn:aws:kms:eu-central-1:111122223333:key/nobody', 'kms.key-disabled');
    await update('key-failure#', 'call 0900-1234 at once');
    const kmsKeyArn = await product.customer('soylent');
    await update(`key-failure#${kmsKeyArn}`, 'kms.key-disabled');
    await product.aws.idle();

    const signals = await facts('key-signal-received.v1');
    expect(signals.filter((signal) => signal.includes(kmsKeyArn) && signal.includes('an application'))).toHaveLength(1);
    expect(signals.filter((signal) => /0900-1234|nobody/.test(signal))).toEqual([]);
    // The key is well: a report is looked into, and believed in nothing.
    for await (const incident of product.control.ofKmsKey('incident', kmsKeyArn)) throw new Error(incident.evidence);
  });
});

/** What facts of that name say, as text. */
async function facts(detailType: string): Promise<readonly string[]> {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient());
  const { Items: items = [] } = await documents.send(new ScanCommand({ TableName: product.tables.controlTableName }));
  return items.flatMap((item) => (item['detailType'] === detailType ? [String(item['detail'])] : []));
}

test('an option that is missing is named', async () => {
  const message = await application(`
    try { library.openEnvelope({ ...options, dataKeyTableName: undefined }); } catch (error) { return error.message; }`);

  expect(message).toBe('dataKeyTableName: must name a table of the deployed product.');
});

test('an AWS that takes the call and never answers ends as a failure that may pass', async () => {
  const silent = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
  const { port } = silent.address() as AddressInfo;

  const environment = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_MAX_ATTEMPTS: '1' };
  const call = `
    const error = await library.openEnvelope(options).encrypt(place, Buffer.from('hello')).catch((error) => error);
    return { code: error.code, reason: error.reason, retryable: error.retryable };`;
  const answer = await applicationIn(environment, call).finally(() => silent.close());

  expect(answer).toEqual({ code: 'KEY_UNAVAILABLE', reason: 'store.unreachable', retryable: true });
});
