import { createHmac } from 'node:crypto';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateTopicCommand, DeleteTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import type { LocalAws } from 'local-aws/aws';
import { ACCOUNT, clientSettings, localAws } from 'local-aws/test/support/local-aws';
import { kmsSecretOpener, kmsSecretSealer } from '../../../shared/adapters/kms-channel-secrets';
import { eventBridgePager } from '../../../shared/adapters/pagers/eventbridge-pager';
import { eventOf, pagerDutyPager } from '../../../shared/adapters/pagers/pagerduty-pager';
import { slackPager } from '../../../shared/adapters/pagers/slack-pager';
import { snsPager } from '../../../shared/adapters/pagers/sns-pager';
import { webhookPager } from '../../../shared/adapters/pagers/webhook-pager';
import type { Destination, Pager } from '../../../shared/domain/availability/ports';
import { channelSecretsContract } from '../../contract/channel-secrets';
import { PAGE, pagerContract, type ReceivedPage } from '../../contract/pager';
import { localQueue } from '../../support/local-queue';
import { NOW } from '../../support/make';
import { memoryPager, memorySecrets } from '../../support/memory-pager';
import { type Answer, answering, hanging, TAKEN, type WebChannel, webChannel } from '../../support/web-channel';

const clock = { now: () => NOW };

describe('in memory', () => {
  pagerContract(async () => {
    const pager = memoryPager();
    const to = { target: 'memory' };
    return { pager, to, received: async () => pager.pages, breakDown: async () => pager.fail(1) };
  });

  channelSecretsContract(async () => {
    const secrets = memorySecrets();
    return { sealer: secrets, opener: secrets };
  });
});

describe('on local AWS', () => {
  let aws: LocalAws;
  let made = 0;
  beforeAll(async () => {
    ({ aws } = await localAws());
  });
  afterAll(() => aws.stop());
  const settings = () => clientSettings(aws, ACCOUNT);

  describe('SNS, whose topic a queue is subscribed to', () => {
    pagerContract(async () => {
      made += 1;
      const sns = new SNSClient(settings());
      const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: `oncall-${made}` }));
      const queue = await localQueue(settings());
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn }));
      return {
        pager: snsPager(() => sns),
        to: { target: TopicArn },
        received: async (count) => (await queue.received(count)).map(({ Body = '' }) => notified(Body)),
        breakDown: async () => void (await sns.send(new DeleteTopicCommand({ TopicArn }))),
      };
    });
  });

  describe('EventBridge, a queue behind a rule of its bus', () => {
    pagerContract(async () => {
      made += 1;
      const events = new EventBridgeClient(settings());
      const Name = `keywright-pages-${made}`;
      const { EventBusArn = '' } = await events.send(new CreateEventBusCommand({ Name }));
      const queue = await localQueue(settings());
      const rule = { Name: 'pages', EventBusName: Name };
      const EventPattern = JSON.stringify({ source: ['keywright.pages'], 'detail-type': ['page.v1'] });
      await events.send(new PutRuleCommand({ ...rule, EventPattern }));
      await events.send(
        new PutTargetsCommand({ Rule: 'pages', EventBusName: Name, Targets: [{ Id: 'queue', Arn: queue.arn }] }),
      );
      return {
        pager: eventBridgePager(() => events),
        to: { target: EventBusArn },
        received: async (count) => (await queue.received(count)).map(({ Body = '' }) => JSON.parse(Body).detail),
        breakDown: async () =>
          void aws.faults.set([{ service: 'events', operation: 'PutEvents', kind: 'server-error', probability: 1 }]),
      };
    });

    afterAll(() => void aws.faults.set([]));

    test('an entry that is refused within an answer of 200 was not taken', async () => {
      const send = async () => ({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] });

      await expect(eventBridgePager(() => ({ send }) as never).page(PAGE, { target: 'bus' })).rejects.toMatchObject({
        code: 'page.not-sent',
        details: { reason: expect.stringContaining('InternalFailure') },
      });
    });
  });

  describe('KMS', () => {
    channelSecretsContract(async () => {
      aws.faults.set([]);
      const kms = new KMSClient(settings());
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
      const keyArn = KeyMetadata?.Arn ?? '';
      return { sealer: kmsSecretSealer(kms, keyArn), opener: kmsSecretOpener(kms, keyArn) };
    });

    test('a secret that was opened once opens while KMS is away', async () => {
      const kms = new KMSClient(settings());
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
      const opener = kmsSecretOpener(kms, KeyMetadata?.Arn ?? '');
      const sealed = await kmsSecretSealer(kms, KeyMetadata?.Arn ?? '').seal('the secret', 'oncall/main');
      await opener.open(sealed, 'oncall/main');
      aws.faults.set([{ service: 'kms', operation: 'Decrypt', kind: 'server-error', probability: 1 }]);

      expect(await opener.open(sealed, 'oncall/main')).toBe('the secret');
    });
  });
});

function notified(notification: string): Partial<ReceivedPage> {
  const { Subject: subject, Message: body, MessageAttributes: attributes } = JSON.parse(notification);
  const of = (name: string) => attributes[name]?.Value;
  const [incidentId, about, severity] = [of('incidentId'), of('about'), of('severity')];
  return { incidentId, about, severity, subject, body, acknowledgeUrl: of('acknowledgeUrl') };
}

const WEBHOOK_SECRET = `whsec_${Buffer.from('a key of twenty-four bytes').toString('base64')}`;
const ROUTING_KEY = 'R0UTINGKEY0000000000000000000000';

interface WebKind {
  readonly pager: (timeoutMs?: number) => Pager;
  readonly taken: Answer;
  to(url: string): Destination;
  read(body: string): Partial<ReceivedPage>;
  readonly shows: readonly (keyof ReceivedPage)[];
}

const ABOUT = { trigger: 'opened', resolve: 'closed' } as const;

const KINDS: Readonly<Record<string, WebKind>> = {
  pagerduty: {
    pager: pagerDutyPager,
    taken: TAKEN.pagerduty,
    to: (url) => ({ target: `${url}/v2/enqueue`, secret: ROUTING_KEY }),
    read(body) {
      const { dedup_key: incidentId, event_action, payload, links = [] } = JSON.parse(body);
      const about = ABOUT[event_action as keyof typeof ABOUT];
      const { summary: subject, severity, custom_details } = payload;
      const acknowledgeUrl = links.find(({ text = '' }) => text === 'Acknowledge')?.href;
      return { incidentId, about, severity, subject, body: custom_details.text, acknowledgeUrl };
    },
    shows: ['incidentId', 'about', 'severity', 'subject', 'body', 'acknowledgeUrl'],
  },
  webhook: {
    pager: (timeoutMs) => webhookPager(clock, timeoutMs),
    taken: TAKEN.webhook,
    to: (url) => ({ target: `${url}/pages`, secret: WEBHOOK_SECRET }),
    read: (body) => JSON.parse(body),
    shows: ['incidentId', 'about', 'severity', 'subject', 'body', 'acknowledgeUrl'],
  },
  slack: {
    pager: slackPager,
    taken: TAKEN.slack,
    to: (url) => ({ target: url, secret: `${url}/services/T0/B0/hidden` }),
    read(body) {
      const { blocks } = JSON.parse(body);
      const [severity, incidentId] = blocks.at(-1).elements[0].text.split(', incident ');
      // The one block with markup is the link, and nothing else.
      const [, acknowledgeUrl = ''] = /^<(.+)\|Acknowledge>$/.exec(blocks[2].text?.text) ?? [];
      return { incidentId, severity, subject: blocks[0].text.text, body: blocks[1].text.text, acknowledgeUrl };
    },
    shows: ['incidentId', 'severity', 'subject', 'body', 'acknowledgeUrl'],
  },
};

describe.each(Object.entries(KINDS))('%s, on a web server', (kind, { pager, taken, to, read, shows }) => {
  let web: WebChannel;
  beforeEach(async () => {
    web = await webChannel(taken);
  });
  afterEach(() => web.stop());

  pagerContract(
    async () => ({
      pager: pager(),
      to: to(web.url),
      received: async () => web.requests.map(({ body }) => read(body)),
      breakDown: async () => web.answer(answering(503, 'away')),
    }),
    shows,
  );

  const notTaken: readonly (readonly [string, Answer])[] = [
    ['is refused', answering(400, 'bad')],
    ['is told to slow down', answering(429, '')],
    ['hangs', hanging],
    ['hangs after its first bytes', (response) => void response.writeHead(200).write('o')],
    ['breaks off', (response) => void response.destroy()],
    ['sends it elsewhere', answering(302, '', { location: '/taken' })],
    ['answers with a page of the web', answering(200, '<!DOCTYPE html><html>Log in</html>')],
    ['answers with a page that begins with a comment', answering(200, ' <!-- proxy --><html>Log in</html>')],
    ['answers with part of a page', answering(200, '<head><title>Log in</title></head>')],
    ...(kind === 'pagerduty' ? ([['answers 202 with garbage', answering(202, '{"status":"queued"}')]] as const) : []),
    ...(kind === 'webhook' ? [] : ([['answers 200 with garbage', answering(200, '{"garbage":')]] as const)),
  ];

  test.each(notTaken)('a page that %s was not taken, and no secret is told', async (_title, answer) => {
    web.answer((response, request) => (request.url === '/taken' ? taken : answer)(response, request));

    const error = await pager(300)
      .page(PAGE, to(web.url))
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'page.not-sent', retry: true });
    expect(String(error) + JSON.stringify(error)).not.toMatch(/hidden|R0UTING|whsec_/);
    expect(web.requests.map(({ url }) => url)).not.toContain('/taken');
  });

  test('an answer without end costs no memory', async () => {
    web.answer((response) => {
      const chunk = Buffer.alloc(64 * 1024, ' ');
      let sent = 0;
      const more = () => {
        while (sent < 64 * 1024 * 1024 && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', more).writeHead(kind === 'pagerduty' ? 202 : 200);
      more();
    });
    const before = process.memoryUsage().arrayBuffers;

    await pager(2_000)
      .page(PAGE, to(web.url))
      .catch(() => undefined);

    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });

  test.each(['http://example.com/x', 'https://user:word@example.com/x', 'ftp://127.0.0.1/x', 'no url'])(
    'nothing is sent to %s',
    async (url) => {
      await expect(pager(300).page(PAGE, { target: url, secret: url })).rejects.toMatchObject({
        code: 'page.not-sent',
      });
    },
  );
});

describe('a webhook', () => {
  let web: WebChannel;
  beforeEach(async () => {
    web = await webChannel(TAKEN.webhook);
  });
  afterEach(() => web.stop());

  test('is signed as Standard Webhooks has it, its id the same for every attempt', async () => {
    const later = '2026-11-24T12:01:00.000Z';
    const to = { target: `${web.url}/pages`, secret: WEBHOOK_SECRET };
    for (const now of [NOW, later]) await webhookPager({ now: () => now }).page(PAGE, to);

    expect(web.requests.map(({ headers }) => headers['webhook-id'])).toEqual([PAGE.messageId, PAGE.messageId]);
    expect(web.requests.map(({ headers }) => headers['webhook-timestamp'])).toEqual(['1795521600', '1795521660']);
    for (const { headers, body } of web.requests) {
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      const signature = createHmac('sha256', 'a key of twenty-four bytes').update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${signature}`);
    }
  });
});

test('what changes of an incident that somebody has in hand triggers nothing in PagerDuty', () => {
  const actions = [{}, { acknowledgedBy: 'ada' }].map(
    (details) =>
      eventOf({ ...PAGE, about: 'updated', details: { ...PAGE.details, ...details } }, ROUTING_KEY).event_action,
  );

  expect(actions).toEqual(['trigger', 'acknowledge']);
});

test('a test in PagerDuty leaves no alert behind', async () => {
  const web = await webChannel(TAKEN.pagerduty);
  await pagerDutyPager().page({ ...PAGE, about: 'test', severity: 'info' }, { target: web.url, secret: ROUTING_KEY });
  await web.stop();

  const events = web.requests.map(({ body }) => JSON.parse(body));
  expect(events.map(({ event_action, dedup_key }) => [event_action, dedup_key])).toEqual([
    ['trigger', PAGE.incidentId],
    ['resolve', PAGE.incidentId],
  ]);
});
