/** A key is lost while some part of the packaged product is away: on-call is paged all the same, once. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { outboxPort } from '../../shared/runtime/aws-ports';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';
import { connectedPhone, type Phone } from '../support/phone';

const MINUTE_MS = 60_000;
const STEP_MINUTES = 2;
/** Real time that a page takes at the most; and where something is away, so that nothing ever comes to rest. */
const SENDING_MS = 30_000;
const SENDING_WITHOUT_MS = 4_000;
/** Real time: whatever is to happen has happened by then. */
const PATIENCE_MS = 90_000;
const TEST_MS = 180_000;

let product: DeployedProduct;
let phone: Phone;
beforeAll(async () => {
  product = await deployedProduct();
  phone = await connectedPhone(product.outputs['OncallTopicArn'] ?? '');
});
afterAll(() => product.stop());
afterEach(async () => {
  product.aws.faults.set([]);
  await product.switchOff();
  // The next key that is lost is no storm with this one, however this test ended.
  product.aws.clock.advance(15 * MINUTE_MS);
});

/** Nobody is kept waiting at the end for a pause that is not over. */
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms).unref());

/** Until nothing is on its way, or what is waits for something that is away. A clock that is moved while a page is being
 * sent makes it late, and it is sent again. */
function settled(ms: number): Promise<unknown> {
  const end = () => {
    idle = undefined;
  };
  idle ??= product.aws.idle().then(end, end);
  return Promise.race([idle, pause(ms)]);
}
let idle: Promise<void> | undefined;

/** An attempt that the clock has made late would succeed beside the next one once the topic is back: on-call has two pages. */
const untilNothingIsSent = () => settled(SENDING_MS);

/** What is due meanwhile happens, but for what waits for something that is away. */
async function pass(minutes: number): Promise<void> {
  for (let passed = 0; passed < minutes; passed += STEP_MINUTES) {
    product.aws.clock.advance(STEP_MINUTES * MINUTE_MS);
    await settled(500);
  }
}

/** Waits until on-call has the pages, with a minute of local AWS for some moments of ours. @returns them, or what there is. */
async function pagesOnceThereAre(count: number, kmsKeyArn: string, sendingMs = SENDING_MS): Promise<readonly string[]> {
  for (const until = Date.now() + PATIENCE_MS; ; ) {
    await settled(sendingMs);
    const pages = await phone.pagesAbout(kmsKeyArn);
    if (pages.length >= count || Date.now() > until) return pages;
    product.aws.clock.advance(MINUTE_MS);
  }
}

async function expectOnePage(kmsKeyArn: string, customerId: string, sendingMs = SENDING_MS): Promise<void> {
  const page = `${customerId}'s key was disabled: 1 data store stopped`;
  expect(await pagesOnceThereAre(1, kmsKeyArn, sendingMs)).toEqual([page]);
  await settled(sendingMs);
  await pass(6);
  expect(await phone.pagesAbout(kmsKeyArn)).toEqual([page]);
}

const lose = (KeyId: string) => product.kms.send(new DisableKeyCommand({ KeyId }));
const bringBack = (KeyId: string) => product.kms.send(new EnableKeyCommand({ KeyId }));

test(
  'rows of the outbox that hold no fact are parked, and the page goes out past them',
  async () => {
    const kmsKeyArn = await product.customer('globex');
    const table = new DynamoDBClient();
    const put = (factId: string, detailType: string, detail: string) => {
      const Item = { pk: { S: `fact#${factId}` }, detailType: { S: detailType }, detail: { S: detail } };
      return table.send(new PutItemCommand({ TableName: product.outputs['ControlTableName'], Item }));
    };
    await put('poison-1', 'key-rotated.v1', 'no JSON');
    await put('poison-2', 'key-rotated.v1', '[]');
    await put('poison-3', 'x'.repeat(200), '{}');

    await lose(kmsKeyArn);

    await expectOnePage(kmsKeyArn, 'globex');
    expect(await parkedFacts()).toEqual(['poison-1', 'poison-2', 'poison-3']);
    expect(await factsLeft()).toEqual([]);
  },
  TEST_MS,
);

test(
  'the on-call topic is away for twenty minutes: the page comes afterwards, and so does the next one',
  async () => {
    const kmsKeyArn = await product.customer('initech');
    product.aws.faults.set([{ service: 'sns', operation: 'Publish', kind: 'server-error', probability: 1 }]);

    await lose(kmsKeyArn);
    await pass(20);
    expect(await phone.pagesAbout(kmsKeyArn)).toEqual([]);
    await untilNothingIsSent();
    product.aws.faults.set([]);

    await expectOnePage(kmsKeyArn, 'initech');
    await bringBack(kmsKeyArn);
    expect(await pagesOnceThereAre(2, kmsKeyArn)).toHaveLength(2);
  },
  TEST_MS,
);

test(
  'the bus takes no fact for twenty minutes: on-call is paged without, and what the stream has given up by then is published',
  async () => {
    const kmsKeyArn = await product.customer('hooli');
    product.aws.faults.set([{ service: 'events', operation: 'PutEvents', kind: 'server-error', probability: 1 }]);

    await lose(kmsKeyArn);
    await expectOnePage(kmsKeyArn, 'hooli', SENDING_WITHOUT_MS);
    await pass(20);
    expect(await facts()).not.toEqual([]);
    product.aws.faults.set([]);
    await pass(6);

    expect(await factsLeft()).toEqual([]);
  },
  TEST_MS,
);

test.each<[string, ...string[]]>([
  ['relay-facts'],
  ['republish-facts', 'record-key-events', 'append-audit'],
  ['assess-key'],
  ['page-oncall'],
])(
  '%s and whatever else is away: on-call is paged without',
  async (...names) => {
    const customerId = `without-${names[0]}`;
    const kmsKeyArn = await product.customer(customerId);
    await product.switchOff(...names);

    await lose(kmsKeyArn);

    await expectOnePage(kmsKeyArn, customerId, SENDING_WITHOUT_MS);
  },
  TEST_MS,
);

test.each([
  ['page-oncall', 'page-overdue'],
  ['assess-key', 'probe-keys'],
])(
  '%s and %s are away for twenty minutes: the page comes once they are back',
  async (...names) => {
    const customerId = `after-${names[0]}`;
    const kmsKeyArn = await product.customer(customerId);
    await product.switchOff(...names);

    await lose(kmsKeyArn);
    await pass(20);
    await product.switchOff();

    await expectOnePage(kmsKeyArn, customerId);
  },
  TEST_MS,
);

/** What waits in the outbox. */
function facts() {
  const { outbox } = outboxPort({ controlTableName: product.outputs['ControlTableName'] ?? '' });
  return outbox.due('9999', 100);
}

/** What is left of it once nothing more goes out, or after a while. */
async function factsLeft() {
  for (const until = Date.now() + PATIENCE_MS; ; await settled(500)) {
    const left = await facts();
    if (left.length === 0 || Date.now() > until) return left;
  }
}

/** The ids of what relay-facts and republish-facts have parked. */
async function parkedFacts(): Promise<readonly string[]> {
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  const QueueUrl = `${product.aws.url}/111122223333/keywright-dev-relay-facts-dead-letters`;
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  return Messages.map(({ Body }) => JSON.parse(Body ?? '').factId).sort();
}
