/** The AWS SDK's own clients against SQS, SNS and S3 behind the door: what reaches a caller over the wire. */
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateTopicCommand,
  NotFoundException,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type Door, openDoor } from '../../door/door';
import { iam as openIam } from '../../iam/iam';
import { s3 as openS3 } from '../../s3/engine';
import { sns as openSns } from '../../sns/engine';
import { sqs as openSqs } from '../../sqs/engine';
import { localWorld } from '../support/local-world';
import { ACCOUNT } from './fixture';

let door: Door;
let sqs: SQSClient;
let sns: SNSClient;
let s3: S3Client;

beforeAll(async () => {
  const world = localWorld({ at: Date.now() });
  const iam = openIam(world);
  const queues = openSqs(world, { iam, accountUrl: () => door.url });
  const engines = [queues, openSns(world, { iam, sendToQueue: queues.sendToQueue }), openS3(world, { iam })];
  door = await openDoor(world, { iam, trail: { record: () => undefined }, engines, onBug: console.error });
  const config = { region: 'eu-central-1', endpoint: door.url, credentials: iam.openAccount(ACCOUNT) };
  sqs = new SQSClient(config);
  sns = new SNSClient(config);
  s3 = new S3Client({ ...config, forcePathStyle: true });
});

afterAll(async () => {
  for (const client of [sqs, sns, s3]) client.destroy();
  await door.close();
});

test('SQS: a queue is made, filled, read by a long poll and emptied; the client checks every MD5', async () => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  expect(QueueUrl).toBe(`${door.url}/${ACCOUNT}/jobs`);
  const waiting = sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      WaitTimeSeconds: 20,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    }),
  );
  const MessageAttributes = {
    customer: { DataType: 'String', StringValue: 'acme' },
    bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(1, 2, 255) },
  };
  const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'grüße', MessageAttributes }));

  const { Messages = [] } = await waiting;
  expect(Messages).toMatchObject([
    {
      MessageId,
      Body: 'grüße',
      Attributes: { ApproximateReceiveCount: '1' },
      MessageAttributes: { customer: { StringValue: 'acme' } },
    },
  ]);
  expect(Messages[0]?.MessageAttributes?.['bytes']?.BinaryValue).toEqual(Uint8Array.of(1, 2, 255));

  const Entries = Messages.map(({ ReceiptHandle }) => ({ Id: 'one', ReceiptHandle }));
  const deleted = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  expect(deleted.Successful).toEqual([{ Id: 'one' }]);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' });
});

test("SQS: a batch's refused entries come back apart, and an unknown queue is the client's QueueDoesNotExist", async () => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'batch' }));
  const Entries = [
    { Id: 'good', MessageBody: 'fine' },
    { Id: 'bad', MessageBody: 'late', DelaySeconds: 901 },
  ];
  const { Successful, Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  expect(Successful).toMatchObject([{ Id: 'good' }]);
  expect(Failed).toMatchObject([{ Id: 'bad', Code: 'InvalidParameterValue', SenderFault: true }]);

  await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'nowhere' }))).rejects.toThrow(QueueDoesNotExist);
});

test('SNS: what is published reaches the subscribed queue', async () => {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
    ],
  });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'pages', Attributes: { Policy } }));
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'oncall' }));
  const Endpoint = `arn:aws:sqs:eu-central-1:${ACCOUNT}:pages`;
  await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes: { RawMessageDelivery: 'true' } }),
  );

  const MessageAttributes = { severity: { DataType: 'String', StringValue: 'high' } };
  await sns.send(new PublishCommand({ TopicArn, Message: 'key lost & found', MessageAttributes }));

  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }));
  expect(Messages).toMatchObject([
    { Body: 'key lost & found', MessageAttributes: { severity: { StringValue: 'high' } } },
  ]);
  await expect(sns.send(new PublishCommand({ TopicArn: `${TopicArn}-not`, Message: 'x' }))).rejects.toThrow(
    NotFoundException,
  );
});

test('S3: objects are written, conditionally, read back with their checksum, listed, copied and deleted', async () => {
  const Bucket = 'audit-logs';
  await s3.send(new CreateBucketCommand({ Bucket }));
  const Key = 'acme/tile/0/x001/234 +é';
  const { ETag } = await s3.send(
    new PutObjectCommand({ Bucket, Key, Body: 'tile', Metadata: { customer: 'acme' }, IfNoneMatch: '*' }),
  );

  const { Body, Metadata } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  expect([await Body?.transformToString(), Metadata]).toEqual(['tile', { customer: 'acme' }]);
  const again = s3.send(new PutObjectCommand({ Bucket, Key, Body: 'other', IfNoneMatch: '*' }));
  await expect(again).rejects.toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'newer', ...(ETag !== undefined && { IfMatch: ETag }) }));
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/${encodeURIComponent(Key)}` }));

  expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy' }))).ContentLength).toBe(5);
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
  expect(Contents?.map((object) => object.Key)).toEqual([Key, 'copy']);
  const part = await s3.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=1-2' }));
  expect(await part.Body?.transformToString()).toBe('ew');

  await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }, { Key: 'copy' }] } }));
  await expect(s3.send(new GetObjectCommand({ Bucket, Key }))).rejects.toThrow(NoSuchKey);
});
