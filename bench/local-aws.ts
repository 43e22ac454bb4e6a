/**
 * What local AWS costs beside the least that any endpoint could: the same client of the SDK against a bare HTTP server
 * that gives a canned answer. One process holds client and server, as `npm start` does. Best of some rounds, in turns.
 * `node bench/run-bundled.mjs local-aws`
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, GenerateDataKeyWithoutPlaintextCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startLocalAws } from 'local-aws/aws';

const CONCURRENCY = 16;
const CALLS = 1_000;
const ROUNDS = 5;
const ACCOUNT = '111122223333';

type Call = () => Promise<unknown>;
type Settings = ConstructorParameters<typeof KMSClient>[0] & object;

export async function run(): Promise<void> {
  const bootedAt = performance.now();
  const aws = await startLocalAws({ quotas: { multiplier: 1_000 } });
  console.log(`boot of local AWS, nothing deployed: ${(performance.now() - bootedAt).toFixed(0)} ms\n`);
  const bare = await bareServer();
  try {
    const settings = { region: aws.region, credentials: aws.credentials(ACCOUNT), maxAttempts: 1 };
    const calls = await callsTo({ ...settings, endpoint: aws.url });
    const canned = bareCall({ ...settings, endpoint: bare.url });
    console.log('operation                          calls/s   bare calls/s   times as long');
    for (const [name, call] of Object.entries(calls)) {
      const [ours, theirs] = await bestOf(call, canned);
      const cells = [
        ours.toFixed(0).padStart(9),
        theirs.toFixed(0).padStart(14),
        (theirs / ours).toFixed(2).padStart(15),
      ];
      console.log(name.padEnd(32), ...cells);
    }
  } finally {
    bare.close();
    await aws.stop();
  }
}

/** One call of each kind of engine: our own, our own with a long list behind it, and the one that is a program of its own. */
async function callsTo(settings: Settings): Promise<Readonly<Record<string, Call>>> {
  const kms = new KMSClient(settings);
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  const dynamoDb = new DynamoDBClient(settings);

  const { KeyMetadata } = await kms.send(new CreateKeyCommand());
  const generate = new GenerateDataKeyWithoutPlaintextCommand({
    KeyId: KeyMetadata?.KeyId,
    KeySpec: 'AES_256',
    EncryptionContext: { customer: 'acme' },
  });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'bench' }));
  const sendMessage = new SendMessageCommand({ QueueUrl, MessageBody: 'x'.repeat(1024) });
  await dynamoDb.send(
    new CreateTableCommand({
      TableName: 'bench',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  let row = 0;
  const nextRow = () => ({ pk: { S: String(row++) }, body: { S: 'x'.repeat(1024) } });

  return {
    'kms GenerateDataKeyWithoutPlaintext': () => kms.send(generate),
    'sqs SendMessage': () => sqs.send(sendMessage),
    'dynamodb PutItem': () => dynamoDb.send(new PutItemCommand({ TableName: 'bench', Item: nextRow() })),
  };
}

function bareCall(settings: Settings): Call {
  const kms = new KMSClient(settings);
  const generate = new GenerateDataKeyWithoutPlaintextCommand({ KeyId: 'any', KeySpec: 'AES_256' });
  return () => kms.send(generate);
}

/** Reads the request to its end and answers what KMS would. */
async function bareServer() {
  const answer = JSON.stringify({
    CiphertextBlob: Buffer.alloc(184, 1).toString('base64'),
    KeyId: `arn:aws:kms:eu-central-1:${ACCOUNT}:key/00000000-0000-0000-0000-000000000000`,
  });
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(answer);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Calls a second of each, the best round counting: it is the one that other programs disturbed least. */
async function bestOf(ours: Call, theirs: Call): Promise<readonly [number, number]> {
  let best: readonly [number, number] = [0, 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    best = [Math.max(best[0], await perSecond(ours)), Math.max(best[1], await perSecond(theirs))];
  }
  return best;
}

async function perSecond(call: Call): Promise<number> {
  let left = CALLS;
  const start = performance.now();
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await call();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return (CALLS * 1000) / (performance.now() - start);
}
