/**
 * Paging channels on the packaged product: from the command line to the page in a web channel and back; and keys that are lost while a
 * channel, an index or a function on the way is away for an hour: on-call is paged by another way within five minutes, once a channel.
 */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';
import { connectedPhone, type Phone } from '../support/phone';
import { type Answer, answering, hanging, TAKEN, type WebChannel, webChannel } from '../support/web-channel';

const MINUTE_MS = 60_000;
/** Real time: a page is out by then; and what waits for something that is away is given so long at a time. */
const SENDING_MS = 20_000;
const STEP_MS = 7_000;
const TEST_MS = 240_000;

const ROUTING_KEY = 'R0UTINGKEY0000000000000000000000';
const SIGNING_KEY = Buffer.alloc(24, 7);

let product: DeployedProduct;
let phone: Phone;
let pagerduty: WebChannel;
let webhook: WebChannel;
let folder: string;

beforeAll(async () => {
  product = await deployedProduct();
  phone = await connectedPhone(product.outputs['OncallTopicArn'] ?? '');
  pagerduty = await webChannel(TAKEN.pagerduty);
  webhook = await webChannel(TAKEN.webhook);
  folder = mkdtempSync(join(tmpdir(), 'channels-'));
  await add('primary', 'pagerduty', ROUTING_KEY, `${pagerduty.url}/v2/enqueue`, '--severity', 'critical');
  await add(
    'spare',
    'webhook',
    `whsec_${SIGNING_KEY.toString('base64')}`,
    `${webhook.url}/pages`,
    '--role',
    'fallback',
  );
}, TEST_MS);
afterAll(async () => {
  await product.stop();
  await Promise.all([pagerduty.stop(), webhook.stop()]);
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  product.aws.faults.set([]);
  pagerduty.answer(TAKEN.pagerduty);
  webhook.answer(TAKEN.webhook);
  await product.switchOff();
  // The next key that is lost is no storm with this one, however this test ended.
  product.aws.clock.advance(15 * MINUTE_MS);
});

async function add(name: string, kind: string, secret: string, target: string, ...options: readonly string[]) {
  const file = join(folder, name);
  writeFileSync(file, secret);
  const words = ['channel', 'add', name, '--kind', kind, '--target', target, '--secret-file', file, ...options];
  expect(await product.keywright(words)).toMatchObject({ exitCode: 0 });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms).unref());
const settled = (ms: number) => Promise.race([product.aws.idle(), pause(ms)]);

/** What PagerDuty was sent about a key. */
const alerts = (kmsKeyArn: string) =>
  pagerduty.requests.map(({ body }) => JSON.parse(body)).filter(({ payload }) => payload?.source === kmsKeyArn);
const hooks = (kmsKeyArn: string) =>
  webhook.requests.map(({ body }) => JSON.parse(body)).filter(({ details }) => details?.kmsKeyArn === kmsKeyArn);

/** What is due meanwhile happens. */
async function restOfAnHour(): Promise<void> {
  for (let passed = 0; passed < 60; passed += 15) {
    await settled(STEP_MS);
    product.aws.clock.advance(15 * MINUTE_MS);
  }
  await settled(STEP_MS);
}

/** How many minutes it took until somebody was paged; undefined: nobody was, in all of them. */
async function minutesUntil(isPaged: () => Promise<boolean>, most: number): Promise<number | undefined> {
  for (let minute = 0; ; minute += 1) {
    // A clock that is moved while a page is being sent makes it late, also where a channel hangs on a busy machine.
    await settled(SENDING_MS);
    if (await isPaged()) return minute;
    if (minute === most) return undefined;
    product.aws.clock.advance(MINUTE_MS);
  }
}

test(
  'a test page goes out by the way of every page, and the command says how it went',
  async () => {
    expect(await product.keywright(['channel', 'test', 'primary'])).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^taken/),
    });
    pagerduty.answer(answering(500, ''));
    expect(await product.keywright(['channel', 'test', 'primary'])).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('it answered 500'),
    });
    expect(await product.keywright(['status'])).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('primary of oncall'),
    });
    pagerduty.answer(TAKEN.pagerduty);
    expect(await product.keywright(['channel', 'test', 'primary'])).toMatchObject({ exitCode: 0 });
    expect((await product.keywright(['status'])).out).toMatch(/Channels down: +none/);
    const { out } = await product.keywright(['channel', 'list', '--json']);
    expect(out).not.toMatch(/R0UTING|whsec_/);
  },
  TEST_MS,
);

test(
  'one alert an incident: triggered, acknowledged by whoever types it, and resolved; the others stay silent',
  async () => {
    const kmsKeyArn = await product.customer('globex');
    await product.kms.send(new DisableKeyCommand({ KeyId: kmsKeyArn }));
    await settled(SENDING_MS);
    const [trigger] = alerts(kmsKeyArn);
    const incidentId = trigger?.dedup_key;
    expect(trigger).toMatchObject({
      event_action: 'trigger',
      routing_key: ROUTING_KEY,
      payload: { severity: 'critical' },
    });
    expect(trigger.payload.custom_details).toMatchObject({
      cause: 'key-disabled',
      runbook: 'docs/runbooks/key-disabled.md',
    });

    const said = await product.keywright(['ack', incidentId, '--note', 'I call them']);
    expect(said).toMatchObject({ exitCode: 0 });
    await settled(SENDING_MS);
    await product.kms.send(new EnableKeyCommand({ KeyId: kmsKeyArn }));
    await minutesUntil(
      async () => pagerduty.requests.some(({ body }) => body.includes('"resolve"') && body.includes(incidentId)),
      10,
    );

    const actions = pagerduty.requests
      .map(({ body }) => JSON.parse(body))
      .filter(({ dedup_key }) => dedup_key === incidentId)
      .map(({ event_action }) => event_action);
    expect(actions).toEqual(['trigger', 'acknowledge', 'resolve']);
    expect(hooks(kmsKeyArn)).toEqual([]);
    expect(await phone.pagesAbout(kmsKeyArn)).toEqual([]);
  },
  TEST_MS,
);

test(
  'a customer is told in a channel of theirs and in their stream, next step first, and that it is over',
  async () => {
    const kmsKeyArn = await product.customer('umbrella');
    const secret = `whsec_${SIGNING_KEY.toString('base64')}`;
    await add(
      'soc',
      'webhook',
      secret,
      `${webhook.url}/umbrella`,
      '--customer',
      'umbrella',
      '--time-zone',
      'Asia/Tokyo',
    );
    const told = () => webhook.requests.filter(({ url }) => url === '/umbrella').map(({ body }) => JSON.parse(body));

    await product.kms.send(new DisableKeyCommand({ KeyId: kmsKeyArn }));
    expect(await minutesUntil(async () => told().length === 1, 5)).toBeLessThanOrEqual(5);
    await product.kms.send(new EnableKeyCommand({ KeyId: kmsKeyArn }));
    expect(await minutesUntil(async () => told().length === 2, 10)).toBeLessThanOrEqual(10);

    expect(told().map(({ about, subject }) => [about, subject])).toEqual([
      ['opened', 'Your KMS key was disabled'],
      ['closed', 'Over: Your KMS key is available again'],
    ]);
    expect(told()[0].body).toContain('Asia/Tokyo');
    const [opened] = told();
    const incident = await product.control.find('incident', opened.incidentId);
    expect(incident).toMatchObject({ customerToldAt: expect.any(String) });
  },
  TEST_MS,
);

const CHANNELS_AWAY: readonly (readonly [string, Answer])[] = [
  ['refuses', answering(503, '')],
  ['hangs', hanging],
  ['answers with garbage', answering(200, '{"sta')],
];

test.each(CHANNELS_AWAY)(
  'PagerDuty %s for an hour: the signed webhook has the page at once, and PagerDuty has it afterwards',
  async (title, answer) => {
    const kmsKeyArn = await product.customer(`away-${title.split(' ').at(-1)}`);
    pagerduty.answer(answer);
    await product.kms.send(new DisableKeyCommand({ KeyId: kmsKeyArn }));

    const minutes = await minutesUntil(async () => hooks(kmsKeyArn).length > 0, 5);
    expect(minutes).toBeLessThanOrEqual(5);
    await restOfAnHour();
    const sent = webhook.requests.find(({ body }) => body.includes(kmsKeyArn));
    const signed = `${sent?.headers['webhook-id']}.${sent?.headers['webhook-timestamp']}.${sent?.body}`;
    expect(sent?.headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', SIGNING_KEY).update(signed).digest('base64')}`,
    );

    const before = alerts(kmsKeyArn).length;
    pagerduty.answer(TAKEN.pagerduty);
    await minutesUntil(async () => alerts(kmsKeyArn).length > before, 10);
    await settled(SENDING_MS);

    expect(new Set(alerts(kmsKeyArn).map(({ dedup_key }) => dedup_key)).size).toBe(1);
    expect(alerts(kmsKeyArn).length).toBe(before + 1);
    expect(hooks(kmsKeyArn).map(({ about }) => about)).toEqual(['opened']);
    expect(await phone.pagesAbout(kmsKeyArn)).toEqual([]);
  },
  TEST_MS,
);

test(
  'both web channels are away: the topic of the stack has the page, once',
  async () => {
    const kmsKeyArn = await product.customer('last-resort');
    pagerduty.answer(answering(503, ''));
    webhook.answer(answering(503, ''));
    await product.kms.send(new DisableKeyCommand({ KeyId: kmsKeyArn }));

    expect(await minutesUntil(async () => (await phone.pagesAbout(kmsKeyArn)).length > 0, 5)).toBeLessThanOrEqual(5);
    await restOfAnHour();
    expect(await phone.pagesAbout(kmsKeyArn)).toHaveLength(1);
  },
  TEST_MS,
);

/** Paged, and how: each is away for an hour, and nothing else is. */
const AWAY: Readonly<Record<string, () => Promise<void>>> = {
  'the topic of the stack': async () =>
    product.aws.faults.set([{ service: 'sns', operation: 'Publish', kind: 'server-error', probability: 1 }]),
  'the index of what is due': () => product.takeIndexAway(),
  'the audit path': () => product.switchOff('record-key-events', 'append-audit'),
  'the relay': () => product.switchOff('relay-facts'),
  'what publishes again': () => product.switchOff('republish-facts'),
  'the probe': () => product.switchOff('probe-keys'),
  'who assesses': () => product.switchOff('assess-key'),
  'what receives reports': () => product.switchOff('receive-reports'),
  'who pages': () => product.switchOff('page-oncall'),
  'who pages what is overdue': () => product.switchOff('page-overdue'),
};

test.each(Object.keys(AWAY))(
  '%s is away for an hour: on-call is paged within five minutes, once',
  async (what) => {
    const kmsKeyArn = await product.customer(`without-${what.replaceAll(' ', '-')}`);
    await AWAY[what]?.();
    await product.kms.send(new DisableKeyCommand({ KeyId: kmsKeyArn }));

    const minutes = await minutesUntil(async () => alerts(kmsKeyArn).length > 0, 5);
    await restOfAnHour();

    expect(minutes).toBeLessThanOrEqual(5);
    // Who acted may be known only later: the alert is updated by it, and nobody is called again.
    const told = alerts(kmsKeyArn).map(({ payload }) => payload.custom_details.about);
    expect(told.filter((about) => about !== 'updated')).toEqual(['opened']);
    expect(told.length).toBeLessThanOrEqual(2);
    expect(new Set(alerts(kmsKeyArn).map(({ dedup_key }) => dedup_key)).size).toBe(1);
    expect(hooks(kmsKeyArn)).toEqual([]);
    process.stdout.write(`${what}: paged within ${minutes} minutes\n`);
  },
  TEST_MS,
);
