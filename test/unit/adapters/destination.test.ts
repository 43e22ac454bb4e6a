import { createPublicKey, verify } from 'node:crypto';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, DeleteTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { LocalAws } from 'local-aws/aws';
import { ACCOUNT, clientSettings, localAws } from 'local-aws/test/support/local-aws';
import { datadogDestination } from '../../../shared/adapters/destinations/datadog-destination';
import { eventBridgeDestination } from '../../../shared/adapters/destinations/eventbridge-destination';
import { s3Destination } from '../../../shared/adapters/destinations/s3-destination';
import { snsDestination } from '../../../shared/adapters/destinations/sns-destination';
import { splunkDestination } from '../../../shared/adapters/destinations/splunk-destination';
import { sqsDestination } from '../../../shared/adapters/destinations/sqs-destination';
import { webhookDestination } from '../../../shared/adapters/destinations/webhook-destination';
import { randomEndpointSecrets } from '../../../shared/adapters/destinations/webhook-signatures';
import { guardedWeb } from '../../../shared/adapters/web/guarded-post';
import { aDelivery, destinationContract } from '../../contract/destination';
import { endpointSecretsContract } from '../../contract/endpoint-secrets';
import { localQueue } from '../../support/local-queue';
import { NOW } from '../../support/make';
import { memoryDestination, memoryEndpointSecrets } from '../../support/memory-destination';
import { answering, hanging, type WebChannel, webChannel } from '../../support/web-channel';

const clock = { now: () => NOW };
const WHSEC = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

describe('in memory', () => {
  destinationContract(async () => {
    const destination = memoryDestination({ deliveries: 10, bytes: 1_000_000, bodyBytes: 300_000 });
    return {
      destination,
      to: { customerId: 'acme', target: 'memory', secrets: [] },
      received: async () => destination.taken.map(({ id, body }) => ({ id, body: Buffer.from(body).toString() })),
      breakDown: async () => destination.behave(() => ({ taken: 0, refusal: { kind: 'later', reason: 'broken' } })),
    };
  });

  endpointSecretsContract(memoryEndpointSecrets);
});

describe('secrets from the system', () => {
  endpointSecretsContract(() => randomEndpointSecrets);
});

describe('on web servers', () => {
  const servers: WebChannel[] = [];
  const serverOf = async (...answer: Parameters<typeof answering>) => {
    const server = await webChannel(answering(...answer));
    servers.push(server);
    return server;
  };
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));
  const web = guardedWeb({ isLoopbackAllowed: true });

  describe('a webhook', () => {
    const open = async () => {
      const server = await serverOf(204, '');
      return {
        server,
        destination: webhookDestination(web, clock, 300),
        to: { customerId: 'acme', target: `${server.url}/hook`, secrets: [WHSEC], signing: 'v1' as const },
        received: async () => server.requests.map(({ headers, body }) => ({ id: String(headers['webhook-id']), body })),
        breakDown: async () => server.answer(answering(500, 'whsec_secret of theirs')),
      };
    };
    destinationContract(open);

    test.each([
      [410, {}, { kind: 'gone' }],
      [413, {}, { kind: 'unacceptable' }],
      [400, {}, { kind: 'refused' }],
      [422, {}, { kind: 'refused' }],
      [301, { location: 'https://example.com/' }, { kind: 'later' }],
      [401, {}, { kind: 'later' }],
      [429, { 'retry-after': '120' }, { kind: 'later', retryAfterMs: 120_000 }],
      [503, { 'retry-after': 'Tue, 24 Nov 2026 12:10:00 GMT' }, { kind: 'later', retryAfterMs: 600_000 }],
      [502, { 'retry-after': 'soon' }, { kind: 'later' }],
    ])('that answers %s with %p is told as that', async (status, headers, refusal) => {
      const { server, destination, to } = await open();
      server.answer(answering(status, 'secret text of theirs', headers));

      const { refusal: told } = await destination.deliver([aDelivery(1)], to);
      expect(told).toEqual({ ...refusal, reason: `it answered ${status}` });
    });

    test('that hangs, or answers with a page of the web, has not taken it', async () => {
      const { server, destination, to } = await open();
      server.answer(hanging);
      expect(await destination.deliver([aDelivery(1)], to)).toMatchObject({
        refusal: { kind: 'later', reason: 'it did not answer in time' },
      });
      server.answer(answering(200, '<html>Log in</html>'));
      expect(await destination.deliver([aDelivery(1)], to)).toMatchObject({ taken: 0, refusal: { kind: 'later' } });
    });

    test('is signed by both secrets while one is replaced', async () => {
      const { server, destination, to } = await open();
      const other = `whsec_${Buffer.alloc(24, 2).toString('base64')}`;
      await destination.deliver([aDelivery(1)], { ...to, secrets: [WHSEC, other] });
      await destination.deliver([aDelivery(1)], to);

      const [both = '', one = ''] = server.requests.map(({ headers }) => String(headers['webhook-signature']));
      expect(both.split(' ')).toHaveLength(2);
      expect(both.split(' ')[0]).toBe(one);
      expect(one).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
    });

    test('by a key pair is signed so that its public half tells', async () => {
      const { server, destination, to } = await open();
      const { secret, shown } = randomEndpointSecrets.make('v1a');
      await destination.deliver([aDelivery(1)], { ...to, signing: 'v1a', secrets: [secret] });

      const [request] = server.requests;
      const {
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signature,
      } = request?.headers ?? {};
      const x = Buffer.from(shown.replace('whpk_', ''), 'base64').toString('base64url');
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
      const signed = Buffer.from(`${id}.${timestamp}.${request?.body}`);
      expect(verify(null, signed, key, Buffer.from(String(signature).replace('v1a,', ''), 'base64'))).toBe(true);
      expect(timestamp).toBe(String(Date.parse(NOW) / 1_000));
    });
  });

  describe('Splunk', () => {
    const token = '12345678-1234-1234-1234-1234567890AB';
    const open = async () => {
      const server = await serverOf(200, '{"text":"Success","code":0}');
      return {
        server,
        destination: splunkDestination(web, clock, 300),
        to: { customerId: 'acme', target: `${server.url}/services/collector/event`, secrets: [token] },
        received: async () => server.requests.flatMap(({ body }) => eventsIn(body)),
        breakDown: async () => server.answer(answering(403, '{"text":"Invalid token","code":4}')),
      };
    };
    destinationContract(open);

    test('is sent its token, and another’s 200 is not taken for its word', async () => {
      const { server, destination, to } = await open();
      await destination.deliver([aDelivery(1)], to);
      expect(server.requests[0]?.headers['authorization']).toBe(`Splunk ${token}`);

      server.answer(answering(200, 'OK'));
      expect(await destination.deliver([aDelivery(1)], to)).toMatchObject({ taken: 0, refusal: { kind: 'later' } });
    });

    /** Objects end to end, each with the entry as it was sent. */
    const eventsIn = (body: string) =>
      body.split(/(?<=\}\})(?=\{"time")/).map((text) => ({
        id: String(JSON.parse(text).fields.delivery_id),
        body: /"event":(.*)\}$/s.exec(text)?.[1] ?? '',
      }));
  });

  describe('Datadog', () => {
    const open = async () => {
      const server = await serverOf(202, '{}');
      return {
        server,
        destination: datadogDestination(web, clock, 300),
        to: { customerId: 'acme', target: `${server.url}/api/v2/logs`, secrets: ['0'.repeat(32)] },
        received: async () =>
          server.requests.flatMap(({ body }) =>
            JSON.parse(body).map(({ message, ddtags }: { message: string; ddtags: string }) => ({
              id: ddtags.replace('delivery_id:', ''),
              body: message,
            })),
          ),
        breakDown: async () => server.answer(answering(403, '{"errors":[{"detail":"no"}]}')),
      };
    };
    destinationContract(open);

    test('is sent its key, and another’s 200 is not taken for its word', async () => {
      const { server, destination, to } = await open();
      await destination.deliver([aDelivery(1)], to);
      expect(server.requests[0]?.headers['dd-api-key']).toBe('0'.repeat(32));

      server.answer(answering(200, 'OK'));
      expect(await destination.deliver([aDelivery(1)], to)).toMatchObject({ taken: 0, refusal: { kind: 'later' } });
    });
  });
});

describe('on local AWS', () => {
  let aws: LocalAws;
  let made = 0;
  beforeAll(async () => {
    ({ aws } = await localAws());
  });
  afterAll(() => aws.stop());
  afterEach(() => void aws.faults.set([]));
  const settings = () => clientSettings(aws, ACCOUNT);
  const to = (target: string) => ({ customerId: 'acme', target, secrets: [] });

  describe('SQS', () => {
    destinationContract(
      async () => {
        const sqs = new SQSClient({ ...settings(), useQueueUrlAsEndpoint: false });
        const queue = await localQueue(settings());
        return {
          destination: sqsDestination(() => sqs),
          to: to(queue.arn),
          received: async (count) =>
            (await queue.received(count)).map(({ Body = '', MessageAttributes }) => ({
              body: Body,
              ...(MessageAttributes?.['deliveryId']?.StringValue && {
                id: MessageAttributes['deliveryId'].StringValue,
              }),
            })),
          breakDown: async () =>
            void aws.faults.set([
              { service: 'sqs', operation: 'SendMessageBatch', kind: 'server-error', probability: 1 },
            ]),
        };
      },
      { isOrdered: false },
    );

    test('a FIFO queue takes what is sent again once', async () => {
      made += 1;
      const sqs = new SQSClient({ ...settings(), useQueueUrlAsEndpoint: false });
      const QueueName = `keywright-audit-${made}.fifo`;
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { FifoQueue: 'true' } }));
      const asked = { QueueUrl, AttributeNames: ['QueueArn', 'ApproximateNumberOfMessages'] as const };
      const attributes = async () =>
        (await sqs.send(new GetQueueAttributesCommand({ ...asked, AttributeNames: [...asked.AttributeNames] })))
          .Attributes;
      const destination = sqsDestination(() => sqs);
      const address = to((await attributes())?.['QueueArn'] ?? '');
      const three = [aDelivery(0), aDelivery(1), aDelivery(2)];

      expect(await destination.deliver(three, address)).toEqual({ taken: 3 });
      expect(await destination.deliver(three, address)).toEqual({ taken: 3 });
      expect((await attributes())?.['ApproximateNumberOfMessages']).toBe('3');
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      expect(await destination.deliver(three, address)).toMatchObject({ taken: 0, refusal: { kind: 'later' } });
    });

    test('of a batch what stands before the first that failed was taken', async () => {
      const send = async () => ({
        Successful: [{ Id: '0' }, { Id: '2' }],
        Failed: [{ Id: '1', Code: 'InvalidMessageContents' }],
      });
      const destination = sqsDestination(() => ({ send }) as never);
      const arn = 'arn:aws:sqs:eu-central-1:111122223333:keywright-audit-x';

      expect(await destination.deliver([aDelivery(0), aDelivery(1), aDelivery(2)], to(arn))).toEqual({
        taken: 1,
        refusal: { kind: 'unacceptable', reason: 'SQS answered InvalidMessageContents' },
      });
    });
  });

  describe('SNS, whose topic a queue is subscribed to', () => {
    destinationContract(
      async () => {
        made += 1;
        const sns = new SNSClient(settings());
        const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: `keywright-audit-${made}` }));
        const queue = await localQueue(settings());
        await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn }));
        return {
          destination: snsDestination(() => sns),
          to: to(TopicArn),
          received: async (count) =>
            (await queue.received(count)).map(({ Body = '' }) => {
              const { Message, MessageAttributes } = JSON.parse(Body);
              return { body: Message, id: MessageAttributes.deliveryId.Value };
            }),
          breakDown: async () => void (await sns.send(new DeleteTopicCommand({ TopicArn }))),
        };
      },
      { isOrdered: false },
    );
  });

  describe('EventBridge, a queue behind a rule of its bus', () => {
    destinationContract(
      async () => {
        made += 1;
        const events = new EventBridgeClient(settings());
        const Name = `keywright-audit-${made}`;
        const { EventBusArn = '' } = await events.send(new CreateEventBusCommand({ Name }));
        const queue = await localQueue(settings());
        const EventPattern = JSON.stringify({ source: ['keywright.audit'], 'detail-type': ['entry.v1'] });
        await events.send(new PutRuleCommand({ Name: 'entries', EventBusName: Name, EventPattern }));
        const Targets = [{ Id: 'queue', Arn: queue.arn }];
        await events.send(new PutTargetsCommand({ Rule: 'entries', EventBusName: Name, Targets }));
        return {
          destination: eventBridgeDestination(() => events),
          to: to(EventBusArn),
          received: async (count) =>
            (await queue.received(count)).map(({ Body = '' }) => {
              const { detail, resources } = JSON.parse(Body);
              return { body: JSON.stringify(detail), id: resources[0] };
            }),
          breakDown: async () =>
            void aws.faults.set([{ service: 'events', operation: 'PutEvents', kind: 'server-error', probability: 1 }]),
        };
      },
      { isOrdered: false },
    );
  });

  describe('S3', () => {
    const open = async () => {
      made += 1;
      const s3 = new S3Client({ ...settings(), forcePathStyle: true });
      const Bucket = `keywright-audit-${made}`;
      await s3.send(
        new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } }),
      );
      const keys = async () =>
        ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key = '' }) => Key);
      const linesOf = async (Key: string) => {
        const text = await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
        return (text ?? '')
          .trimEnd()
          .split('\n')
          .map((body) => ({ body }));
      };
      return {
        keys,
        destination: s3Destination(s3),
        to: to(`s3://${Bucket}/logs/acme`),
        received: async () => (await Promise.all((await keys()).map(linesOf))).flat(),
        breakDown: async () => void (await s3.send(new DeleteBucketCommand({ Bucket }))),
      };
    };
    destinationContract(open);

    test('objects are named in the order of the log, and what is sent again is the same object', async () => {
      const { keys, destination, to: address } = await open();
      await destination.deliver([aDelivery(98), aDelivery(99)], address);
      await destination.deliver([aDelivery(100)], address);
      await destination.deliver([aDelivery(100)], address);

      expect(await keys()).toEqual([
        'logs/acme/000000000098-000000000099.jsonl',
        'logs/acme/000000000100-000000000100.jsonl',
      ]);
    });
  });
});
