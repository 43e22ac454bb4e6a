import { Agent, request } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { KMSClient, ListAliasesCommand, ListKeysCommand } from '@aws-sdk/client-kms';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AwsError, type Call, type Engine, type Outcome } from '../../call';
import { movableClock } from '../../clock';
import { type Door, openDoor } from '../../door/door';
import { SQS_QUERY } from '../../door/query-dialects';
import { callOfForm } from '../../door/query-form';
import type { AnyEngine, RestRequest } from '../../door/rest';
import { faultPlan } from '../../faults';
import { iam } from '../../iam/iam';
import { openStore } from '../../store';

const ACCOUNT = '111111111111';
const REGION = 'eu-central-1';

const open: Door[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((door) => door.close()));
});

/** A door before engines that answer with what the test gives them. */
async function aDoor(engines: readonly AnyEngine[]) {
  const clock = movableClock(() => Date.UTC(2026, 0, 1));
  const store = openStore();
  const access = iam({ store, clock });
  const faults = faultPlan(() => 0);
  const recorded: { call: Call; outcome: Outcome }[] = [];
  const bugs: unknown[] = [];
  const door = await openDoor(
    { faults, clock, store },
    {
      iam: access,
      engines,
      trail: { record: (call, outcome) => recorded.push({ call, outcome }) },
      onBug: (error) => bugs.push(error),
    },
  );
  open.push(door);
  const { accessKeyId, secretAccessKey } = access.openAccount(ACCOUNT);
  const config = (more: { accessKeyId?: string; secretAccessKey?: string; sessionToken?: string } = {}) => ({
    region: REGION,
    endpoint: door.url,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey, ...more },
  });
  return { door, config, clock, access, faults, recorded, bugs };
}

function anEngine(service: string, answer: (call: Call) => Outcome): Engine & { readonly calls: Call[] } {
  const calls: Call[] = [];
  return {
    service,
    calls,
    handle: async (call) => {
      calls.push(call);
      return answer(call);
    },
  };
}

const TRAIL = { eventSource: 'kms.amazonaws.com', readOnly: true, requestParameters: null, responseElements: null };
const noKeys = () => anEngine('kms', () => ({ output: { Keys: [], Truncated: false } }));

describe('a call', () => {
  test('reaches the engine with operation, input, region and caller, and its answer reaches the client', async () => {
    const kms = anEngine('kms', ({ input }) => ({ output: { Keys: [{ KeyId: String(input['Limit']) }] } }));
    const { config } = await aDoor([kms]);

    const answer = await new KMSClient(config()).send(new ListKeysCommand({ Limit: 7 }));

    expect(answer.Keys).toEqual([{ KeyId: '7' }]);
    expect(kms.calls).toMatchObject([
      {
        service: 'kms',
        operation: 'ListKeys',
        region: REGION,
        input: { Limit: 7 },
        caller: { type: 'IAMUser', accountId: ACCOUNT },
        sourceIp: '127.0.0.1',
        requestId: answer.$metadata.requestId,
      },
    ]);
    expect(kms.calls[0]?.userAgent).toMatch(/^aws-sdk-js/);
  });

  test('is recorded when the engine says how, and only then', async () => {
    const kms = anEngine('kms', ({ operation }) =>
      operation === 'ListKeys' ? { output: {}, trail: TRAIL } : { output: {} },
    );
    const { config, recorded } = await aDoor([kms]);
    const client = new KMSClient(config());

    await client.send(new ListKeysCommand({}));
    await client.send(new ListAliasesCommand({}));

    expect(recorded.map(({ call }) => call.operation)).toEqual(['ListKeys']);
  });

  test('that fails gives the client the code, text, status and further fields, and is recorded too', async () => {
    const error = new AwsError('NotFoundException', 'Key is not there', { fields: { KeyUsage: 'ENCRYPT_DECRYPT' } });
    const { config, recorded } = await aDoor([anEngine('kms', () => ({ error, trail: TRAIL }))]);

    await expect(new KMSClient(config()).send(new ListKeysCommand({}))).rejects.toMatchObject({
      name: 'NotFoundException',
      message: 'Key is not there',
      $metadata: { httpStatusCode: 400 },
      KeyUsage: 'ENCRYPT_DECRYPT',
    });
    expect(recorded[0]?.outcome.error).toBe(error);
  });

  test('that finds a bug is answered as an internal failure and the bug is told', async () => {
    const bug = new TypeError('secret detail');
    const { config, bugs } = await aDoor([
      anEngine('kms', () => {
        throw bug;
      }),
    ]);

    const failing = new KMSClient(config()).send(new ListKeysCommand({}));

    await expect(failing).rejects.toMatchObject({ name: 'KMSInternalException', $metadata: { httpStatusCode: 500 } });
    await expect(failing).rejects.not.toThrow(/secret/);
    expect(bugs).toEqual([bug]);
  });

  test('is answered with the date of local AWS', async () => {
    const { door, clock } = await aDoor([]);
    clock.advance(7 * 86_400_000);

    const answer = await fetch(door.url);

    expect(answer.headers.get('date')).toBe('Thu, 08 Jan 2026 00:00:00 GMT');
  });

  test('to a service that is not here is refused by name', async () => {
    const { config } = await aDoor([]);
    await expect(new KMSClient(config()).send(new ListKeysCommand({}))).rejects.toThrow('Local AWS has no kms.');
  });
});

describe('the caller', () => {
  test.each([
    ['an access key nobody holds', { accessKeyId: 'AKIANOBODY' }, 'UnrecognizedClientException'],
    ['a wrong secret', { secretAccessKey: 'wrong' }, 'InvalidSignatureException'],
    ['a session token that is not of the key', { sessionToken: 'x' }, 'UnrecognizedClientException'],
  ])('with %s is refused before any engine', async (_, credentials, code) => {
    const kms = noKeys();
    const { config } = await aDoor([kms]);

    await expect(new KMSClient(config(credentials)).send(new ListKeysCommand({}))).rejects.toThrow(
      expect.objectContaining({ name: code }),
    );
    expect(kms.calls).toEqual([]);
  });

  test('is told by S3 and by SNS in their own words', async () => {
    const { config } = await aDoor([]);
    const credentials = { accessKeyId: 'AKIANOBODY' };
    const s3 = new S3Client({ ...config(credentials), forcePathStyle: true });

    await expect(s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))).rejects.toMatchObject({
      name: 'InvalidAccessKeyId',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(new SNSClient(config(credentials)).send(new ListTopicsCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('is the session of a role until the session ends', async () => {
    const kms = noKeys();
    const { config, access, clock } = await aDoor([kms]);
    const arn = `arn:aws:iam::${ACCOUNT}:role/r`;
    access.putRole({
      arn,
      name: 'r',
      accountId: ACCOUNT,
      principalId: 'AROAR',
      trustPolicy: { Statement: [] },
      policies: [],
    });
    const client = new KMSClient(config(access.openSession(arn, 's', 900)));

    await client.send(new ListKeysCommand({}));
    expect(kms.calls[0]?.caller.arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/r/s`);

    clock.advance(900_000);
    await expect(client.send(new ListKeysCommand({}))).rejects.toMatchObject({ name: 'ExpiredTokenException' });
  });

  test('without a signature is refused', async () => {
    const { door } = await aDoor([noKeys()]);

    const answer = await fetch(door.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'TrentService.ListKeys' },
      body: '{}',
    });

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  });

  test('cannot have its signed request changed on the way', async () => {
    const kms = noKeys();
    const { config, door } = await aDoor([kms]);
    const client = new KMSClient(config());
    client.middlewareStack.add(
      (next) => async (args) => {
        Object.assign(args.request as object, { body: '{"Limit":9}' });
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low', name: 'change' },
    );

    await expect(client.send(new ListKeysCommand({ Limit: 1 }))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
    expect(kms.calls).toEqual([]);
    expect(door.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });
});

describe('a request that a web page may have caused', () => {
  /** Lists keys with a good signature, with a header that a browser writes by itself. */
  async function listingWith(header: string, value: (port: number) => string) {
    const kms = noKeys();
    const { config, door } = await aDoor([kms]);
    const client = new KMSClient(config());
    client.middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as { headers: object }).headers, { [header]: value(door.port) });
        return next(args);
      },
      { step: 'build', name: 'as a browser', priority: 'low' },
    );
    const outcome = await client.send(new ListKeysCommand({})).then(
      () => 200,
      (error) => error.$metadata.httpStatusCode as number,
    );
    return { outcome, calls: kms.calls.length };
  }

  test.each([
    ['from another site', 'origin', () => 'https://elsewhere.example'],
    ['from a sandbox or a file', 'origin', () => 'null'],
    ['from the address of the door itself', 'origin', (port: number) => `http://127.0.0.1:${port}`],
    ['for a name that was made to lead here', 'host', (port: number) => `elsewhere.example:${port}`],
    ['for a name below one of ours', 'host', (port: number) => `127.0.0.1.elsewhere.example:${port}`],
    ['for another port', 'host', () => '127.0.0.1:1'],
    ['for no port', 'host', () => 'localhost'],
  ])('%s is turned away before any engine, however well it is signed', async (_, header, value) => {
    expect(await listingWith(header, value)).toEqual({ outcome: 403, calls: 0 });
  });

  test.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])('is none when it asks for %s', async (name) => {
    expect(await listingWith('host', (port) => `${name}:${port}`)).toEqual({ outcome: 200, calls: 1 });
  });

  test('is turned away with the reason, also when it only asks whether it may ask', async () => {
    const { door } = await aDoor([noKeys()]);
    const headers = { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' };

    const answer = await fetch(door.url, { method: 'OPTIONS', headers });

    expect(answer.status).toBe(403);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(await answer.text()).toBe('Local AWS answers no web page: the request has an Origin header.\n');
  });
});

describe('a body', () => {
  const MIB = 1024 * 1024;
  const scope = (accessKeyId: string) =>
    `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/${REGION}/kms/aws4_request, SignedHeaders=host, Signature=00`;

  /** The head of a request; its body is the caller's to send. */
  function heading(door: Door, headers: Readonly<Record<string, string | number>>) {
    const sending = request(door.url, { method: 'POST', headers, agent: new Agent() });
    const answered = new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      sending.on('error', reject);
      sending.on('response', async (answer) => {
        let text = '';
        for await (const chunk of answer) text += chunk;
        resolve({ status: answer.statusCode, text });
      });
    });
    sending.flushHeaders();
    return { sending, answered };
  }

  test.each([
    ['who does not sign', () => ({ 'x-amz-target': 'T.ListKeys' }), 'MissingAuthenticationTokenException'],
    ['whose key nobody holds', () => ({ authorization: scope('AKIANOBODY') }), 'UnrecognizedClientException'],
    [
      'whose signature is wrong for the hash that it states',
      (known: string) => ({ authorization: scope(known), 'x-amz-content-sha256': '0'.repeat(64) }),
      'InvalidSignatureException',
    ],
  ] as const)('is not waited for from a caller %s', async (_, headers, code) => {
    const { door, access } = await aDoor([noKeys()]);
    const { accessKeyId } = access.openAccount(ACCOUNT);

    const { sending, answered } = heading(door, { ...headers(accessKeyId), 'content-length': 250 * MIB });

    expect(JSON.parse((await answered).text)).toMatchObject({ __type: code });
    sending.destroy();
  });

  test('that has still to prove its caller may be small only, stated or not', async () => {
    const { door, access, bugs } = await aDoor([noKeys()]);
    const authorization = scope(access.openAccount(ACCOUNT).accessKeyId);

    const stated = heading(door, { authorization, 'content-length': 16 * MIB + 1 });
    const refused = { status: 413, text: expect.stringContaining('may hold 16777216 bytes') };
    expect(await stated.answered).toEqual(refused);
    stated.sending.destroy();
    const unstated = heading(door, { authorization });
    unstated.sending.end(Buffer.alloc(17 * MIB));
    expect(await unstated.answered).toEqual(refused);
    expect(bugs).toEqual([]);
  });

  test('that is too large is refused in the words of the service, and told to nobody as a bug', async () => {
    const { config, bugs } = await aDoor([]);
    const client = new S3Client({ ...config(), forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' });
    client.middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as { headers: object }).headers, { 'content-length': String(256 * MIB + 1) });
        return next(args);
      },
      { step: 'build', name: 'too-large', priority: 'low' },
    );

    const putting = client.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' }));

    await expect(putting).rejects.toMatchObject({
      name: 'RequestEntityTooLarge',
      $metadata: { httpStatusCode: 413 },
    });
    expect(bugs).toEqual([]);
  });

  test('that its sender never ends is no bug', async () => {
    const { door, access, bugs } = await aDoor([noKeys()]);
    const authorization = scope(access.openAccount(ACCOUNT).accessKeyId);
    const { sending, answered } = heading(door, { authorization, 'content-length': 100 });
    sending.write('x');
    await delay(50);
    sending.destroy();

    await expect(answered).rejects.toThrow();
    await delay(50);
    expect(bugs).toEqual([]);
  });
});

describe('a name that every object inherits', () => {
  const signedFor = (service: string, signedHeaders = 'host', accessKeyId = 'AKIANOBODY') => ({
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/${REGION}/${service}/aws4_request, SignedHeaders=${signedHeaders}, Signature=00`,
  });

  test.each(['constructor', '__proto__', 'toString'])('names no service and no access key: %s', async (name) => {
    const { door, bugs } = await aDoor([]);

    for (const headers of [signedFor(name), signedFor('kms', 'host', name)]) {
      const answer = await fetch(door.url, { method: 'POST', headers });
      expect(await answer.json()).toMatchObject({ __type: 'UnrecognizedClientException' });
    }
    expect(bugs).toEqual([]);
  });

  test('names no signed header', async () => {
    const { door, bugs, access } = await aDoor([noKeys()]);
    const headers = signedFor('kms', 'host;constructor', access.openAccount(ACCOUNT).accessKeyId);

    const answer = await fetch(door.url, { method: 'POST', headers });

    expect(await answer.json()).toMatchObject({ __type: 'InvalidSignatureException' });
    expect(bugs).toEqual([]);
  });

  test('names no list and no map of a form', () => {
    expect(callOfForm({ 'constructor.1.a': 'b', 'toString.1': 'c' }, SQS_QUERY)).toEqual({
      constructor: { 1: { a: 'b' } },
      toString: { 1: 'c' },
    });
  });
});

describe('the Query protocol', () => {
  test('carries lists, maps and structures in, and lists out', async () => {
    const sns = anEngine('sns', ({ operation }) =>
      operation === 'ListTopics'
        ? { output: { Topics: [{ TopicArn: 'a<b' }, { TopicArn: 'c' }] } }
        : { output: { MessageId: '1' } },
    );
    const { config } = await aDoor([sns]);
    const client = new SNSClient(config());

    const published = await client.send(
      new PublishCommand({
        TopicArn: 't',
        Message: 'm & m',
        MessageAttributes: { k: { DataType: 'String', StringValue: 'v' } },
      }),
    );
    const topics = await client.send(new ListTopicsCommand({}));

    expect(published.MessageId).toBe('1');
    expect(sns.calls[0]?.input).toEqual({
      TopicArn: 't',
      Message: 'm & m',
      MessageAttributes: { k: { DataType: 'String', StringValue: 'v' } },
    });
    expect(topics.Topics).toEqual([{ TopicArn: 'a<b' }, { TopicArn: 'c' }]);
  });

  test('carries errors with their code', async () => {
    const error = new AwsError('NotFound', 'Topic does not exist', { status: 404 });
    const { config } = await aDoor([anEngine('sns', () => ({ error }))]);

    await expect(new SNSClient(config()).send(new ListTopicsCommand({}))).rejects.toMatchObject({
      message: 'Topic does not exist',
      $metadata: { httpStatusCode: 404 },
    });
  });
});

test('SQS errors carry the code of its older protocol beside the new one', async () => {
  const error = new AwsError('QueueDoesNotExist', 'gone', { queryCode: 'AWS.SimpleQueueService.NonExistentQueue' });
  const { config } = await aDoor([anEngine('sqs', () => ({ error }))]);

  await expect(new SQSClient(config()).send(new GetQueueUrlCommand({ QueueName: 'q' }))).rejects.toMatchObject({
    name: 'QueueDoesNotExist',
    Code: 'AWS.SimpleQueueService.NonExistentQueue',
  });
});

describe('an engine that reads HTTP itself', () => {
  const aRestEngine = (answer: { status?: number; body?: string } = {}) => {
    const requests: RestRequest[] = [];
    const handleHttp = async (request: RestRequest) => {
      requests.push(request);
      return { status: answer.status ?? 200, headers: { etag: '"e"' }, body: answer.body ?? '' };
    };
    return { service: 's3', requests, handleHttp };
  };

  test('gets path, query, headers and body as they were sent', async () => {
    const s3 = aRestEngine();
    const { config } = await aDoor([s3]);
    const client = new S3Client({ ...config(), forcePathStyle: true });

    const put = {
      Bucket: 'logs',
      Key: "a b/ü+'(1)*.json",
      Body: 'body',
      IfNoneMatch: '*',
      Metadata: { signature: 'ff' },
    };
    const answer = await client.send(new PutObjectCommand(put));

    expect(answer.ETag).toBe('"e"');
    const [request] = s3.requests;
    expect(decodeURIComponent(request?.path ?? '')).toBe("/logs/a b/ü+'(1)*.json");
    expect(request?.query.get('x-id')).toBe('PutObject');
    expect(request?.headers).toMatchObject({ 'if-none-match': '*', 'x-amz-meta-signature': 'ff' });
    expect(Buffer.from(request?.body ?? []).toString()).toBe('body');
  });

  test('gets the bytes of an upload in chunks without their framing, and its trailing checksum as a header', async () => {
    const s3 = aRestEngine();
    const { config } = await aDoor([s3]);
    const client = new S3Client({ ...config(), forcePathStyle: true });
    const parts = ['one', 'two\r\n', 'three'];

    const sizeBytes = parts.join('').length;
    await client.send(
      new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: Readable.from(parts), ContentLength: sizeBytes }),
    );

    expect(Buffer.from(s3.requests[0]?.body ?? []).toString()).toBe(parts.join(''));
    expect(s3.requests[0]?.headers['x-amz-checksum-crc32']).toMatch(/=$/);
  });
});

describe('planned faults', () => {
  const fault = (kind: 'throttle' | 'server-error' | 'timeout-after-effect') =>
    ({ service: 'kms', operation: 'ListKeys', kind, probability: 1, times: 1 }) as const;

  test.each([
    ['throttle', 'ThrottlingException', 400, 0],
    ['server-error', 'KMSInternalException', 500, 0],
  ] as const)('%s: the call fails without effect', async (kind, name, httpStatusCode, effects) => {
    const kms = noKeys();
    const { config, faults } = await aDoor([kms]);
    faults.set([fault(kind)]);
    const client = new KMSClient(config());

    await expect(client.send(new ListKeysCommand({}))).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });

    expect(kms.calls).toHaveLength(effects);
    await expect(client.send(new ListKeysCommand({}))).resolves.toBeDefined();
    expect(faults.struck).toEqual({ [`kms ${kind}`]: 1 });
  });

  test('timeout-after-effect: the call has its effect and the caller never hears of it', async () => {
    const kms = anEngine('kms', () => ({ output: {}, trail: TRAIL }));
    const { config, faults, recorded } = await aDoor([kms]);
    faults.set([fault('timeout-after-effect')]);

    await expect(new KMSClient(config()).send(new ListKeysCommand({}))).rejects.toThrow('socket hang up');

    expect(kms.calls).toHaveLength(1);
    expect(recorded).toHaveLength(1);
  });

  test('spare other operations and other services', async () => {
    const kms = noKeys();
    const { config, faults } = await aDoor([kms]);
    faults.set([fault('throttle'), { service: 'sqs', kind: 'throttle', probability: 1 }]);

    await expect(new KMSClient(config()).send(new ListAliasesCommand({}))).resolves.toBeDefined();
  });
});

test('a request body that is no JSON object is refused in the service’s form', async () => {
  const kms = noKeys();
  const { config } = await aDoor([kms]);
  const client = new KMSClient(config());
  client.middlewareStack.add(
    (next) => async (args) => {
      Object.assign(args.request as object, { body: '[1,2,3,4,5]' });
      return next(args);
    },
    { step: 'build', name: 'other-body' },
  );

  await expect(client.send(new ListKeysCommand({ Limit: 1 }))).rejects.toMatchObject({
    name: 'SerializationException',
  });
  expect(kms.calls).toEqual([]);
});
