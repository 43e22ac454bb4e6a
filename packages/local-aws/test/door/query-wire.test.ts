import { AwsError } from '../../call';
import { SNS_QUERY, SQS_QUERY, STS_QUERY } from '../../door/query-dialects';
import { queryWire } from '../../door/query-wire';

const incoming = (form: string) => ({ method: 'POST', path: '/', rawQuery: '', headers: {}, body: Buffer.from(form) });
const context = (operation: string) => ({ operation, requestId: 'r1' });

describe('SQS in its older form', () => {
  const wire = queryWire(SQS_QUERY);

  test('numbered fields become lists and maps, and numbers become numbers', () => {
    const form =
      'Action=ReceiveMessage&Version=2012-11-05&QueueUrl=u&MaxNumberOfMessages=5&AttributeName.1=All&AttributeName.2=SentTimestamp';

    expect(wire.read(incoming(form))).toEqual({
      operation: 'ReceiveMessage',
      input: { QueueUrl: 'u', MaxNumberOfMessages: 5, AttributeNames: ['All', 'SentTimestamp'] },
    });
  });

  test('batch entries keep their order also beyond nine, with maps of structures inside', () => {
    const entries = Array.from({ length: 10 }, (_, index) => `SendMessageBatchRequestEntry.${index + 1}.Id=e${index}`);
    const attribute =
      'SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=k&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue=v';

    const { input } = wire.read(incoming(`Action=SendMessageBatch&${entries.join('&')}&${attribute}`));

    expect(input['Entries']).toHaveLength(10);
    expect(input['Entries']).toMatchObject({
      0: { Id: 'e0', MessageAttributes: { k: { StringValue: 'v' } } },
      1: { Id: 'e1' },
      9: { Id: 'e9' },
    });
  });

  test('an answer writes lists and maps without wrappers', () => {
    const output = { Messages: [{ Body: '<a>&', Attributes: { SentTimestamp: '1' } }] };

    expect(wire.answer({ output }, context('ReceiveMessage')).body).toBe(
      '<ReceiveMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><ReceiveMessageResult>' +
        '<Message><Body>&lt;a&gt;&amp;</Body><Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute></Message>' +
        '</ReceiveMessageResult><ResponseMetadata><RequestId>r1</RequestId></ResponseMetadata></ReceiveMessageResponse>',
    );
  });

  test('batch results are named after their operation', () => {
    const output = { Successful: [{ Id: 'a' }], Failed: [{ Id: 'b' }] };

    expect(wire.answer({ output }, context('DeleteMessageBatch')).body).toContain(
      '<DeleteMessageBatchResultEntry><Id>a</Id></DeleteMessageBatchResultEntry><BatchResultErrorEntry><Id>b</Id></BatchResultErrorEntry>',
    );
  });

  test('an error gives the older code', () => {
    const error = new AwsError('QueueDoesNotExist', 'gone', { queryCode: 'AWS.SimpleQueueService.NonExistentQueue' });

    expect(wire.refuse(error, 'r1').body).toContain(
      '<Error><Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>gone</Message></Error><RequestId>r1</RequestId>',
    );
  });
});

test('SNS reads member lists and entry maps, and writes attributes as entries', () => {
  const wire = queryWire(SNS_QUERY);
  const form =
    'Action=CreateTopic&Name=t&Tags.member.1.Key=a&Tags.member.1.Value=b&Attributes.entry.1.key=DisplayName&Attributes.entry.1.value=d';

  expect(wire.read(incoming(form)).input).toEqual({
    Name: 't',
    Tags: [{ Key: 'a', Value: 'b' }],
    Attributes: { DisplayName: 'd' },
  });
  expect(wire.answer({ output: { Attributes: { Owner: '1' } } }, context('GetTopicAttributes')).body).toContain(
    '<Attributes><entry><key>Owner</key><value>1</value></entry></Attributes>',
  );
});

test('STS writes instants as ISO 8601', () => {
  const output = { Credentials: { Expiration: 1_767_225_600 } };

  expect(queryWire(STS_QUERY).answer({ output }, context('AssumeRole')).body).toContain(
    '<Credentials><Expiration>2026-01-01T00:00:00.000Z</Expiration></Credentials>',
  );
});

test('a field named like a property of every object is only a field', () => {
  const { input } = queryWire(SNS_QUERY).read(incoming('Action=Publish&__proto__.polluted=1&constructor.x=2'));

  expect(Object.keys(input).sort()).toEqual(['__proto__', 'constructor']);
  expect(({} as { polluted?: string }).polluted).toBeUndefined();
});

test('a form without an action is refused', () => {
  expect(() => queryWire(SNS_QUERY).read(incoming('Name=t'))).toThrow(
    expect.objectContaining({ code: 'MissingAction' }),
  );
});
