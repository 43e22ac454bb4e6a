/** A warm application in a process of its own, on the packaged product: its key goes away and comes back. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { ListQueuesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';

const ROOT = join(__dirname, '../..');

/** Within this after the verdict an application has stopped; within that after the key’s return it serves again. */
const STOPPED_MS = 6_000;
const BACK_MS = 120_000;

let product: DeployedProduct;
beforeAll(async () => {
  product = await deployedProduct();
});
afterAll(() => product.stop());

/** Reads and writes a few times a second for each customer, and tells what has changed. */
const SOURCE = `
  import * as library from 'keywright-envelope';
  const [options, ...customerIds] = process.argv.slice(1).map((text) => JSON.parse(text));
  const envelope = library.openEnvelope(options);
  const told = (error) => ({ code: error.code, reason: error.reason, cause: error.cause, since: error.since, retryable: error.retryable });
  for (const customerId of customerIds) {
    const place = { customerId, dataStoreId: 'documents' };
    const container = await envelope.encrypt(place, Buffer.from('hello'));
    let before = '';
    const turn = async () => {
      const read = await envelope.decrypt(place, container).then((bytes) => Buffer.from(bytes).toString(), told);
      const write = await envelope.encrypt(place, Buffer.from('hello')).then(() => 'written', told);
      const now = JSON.stringify({ customerId, read, write });
      if (now !== before) console.log(JSON.stringify({ ...JSON.parse(now), atMs: Date.now() }));
      before = now;
      setTimeout(turn, 100);
    };
    void turn();
  }`;

interface Told {
  readonly customerId: string;
  readonly read: unknown;
  readonly write: unknown;
  /** When it came to be so. */
  readonly atMs: number;
}

/** What an application tells, and the wait for what it is to tell. */
function application(...customerIds: readonly string[]) {
  const { accessKeyId, secretAccessKey, sessionToken } = product.asApplication();
  const given = [product.tables, ...customerIds].map((value) => JSON.stringify(value));
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', SOURCE, ...given], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    },
  });
  const last = new Map<string, Told>();
  if (child.stdout)
    createInterface(child.stdout).on('line', (line) => {
      const told: Told = JSON.parse(line);
      last.set(told.customerId, told);
    });
  return {
    last: (customerId: string) => last.get(customerId),
    stop: () => child.kill(),
    /** @returns after how many milliseconds it told what fits. */
    async tells(customerId: string, fits: (told: Told) => boolean, withinMs: number): Promise<number> {
      const startMs = performance.now();
      while (performance.now() - startMs < withinMs) {
        const told = last.get(customerId);
        if (told && fits(told)) return performance.now() - startMs;
        await new Promise((later) => setTimeout(later, 20));
      }
      throw new Error(`not within ${withinMs} ms; the last it told was ${JSON.stringify(last.get(customerId))}`);
    },
  };
}

const serves = ({ read, write }: Told) => read === 'hello' && write === 'written';
const reasonOf = (answer: unknown) => (answer as { readonly reason?: string }).reason;
const stopped = ({ read, write }: Told) => [read, write].every((answer) => reasonOf(answer) === 'state.key-lost');

test('after the page a warm application stops within seconds, or goes on as its customer chose; and resumes by itself', async () => {
  const flushed = await product.customer('globex');
  const kept = await product.customer('hooli');
  await product.aws.idle();
  const set = await product.keywright(['window', 'hooli', '--seconds', '3600', '--on-loss', 'keep', '--json']);
  expect(JSON.parse(set.out)).toMatchObject({ customerId: 'hooli', windowSeconds: 3600, onLoss: 'keep' });
  const app = application('globex', 'hooli');
  try {
    for (const customerId of ['globex', 'hooli']) await app.tells(customerId, serves, 20_000);

    await product.kms.send(new DisableKeyCommand({ KeyId: flushed }));
    await product.aws.idle();
    const paged = [];
    for await (const incident of product.control.ofKmsKey('incident', flushed)) paged.push(incident);
    expect(paged).toMatchObject([{ cause: 'key-disabled', pagedAt: expect.any(String) }]);
    // After it: of keys that are lost at once the first that is confirmed pages for both.
    await product.kms.send(new DisableKeyCommand({ KeyId: kept }));
    await product.aws.idle();
    expect(await product.control.find('key-watch', kept)).toMatchObject({ availability: 'unavailable' });

    await app.tells('globex', stopped, STOPPED_MS);
    const watch = await product.control.find('key-watch', flushed);
    const stoppedMs = (app.last('globex')?.atMs ?? 0) - Date.parse(watch?.since ?? '');
    expect(stoppedMs).toBeLessThanOrEqual(STOPPED_MS);
    const refusal = { code: 'KEY_UNAVAILABLE', cause: 'key-disabled', since: watch?.since, retryable: true };
    expect(app.last('globex')).toMatchObject({ read: refusal, write: refusal });
    await new Promise((later) => setTimeout(later, STOPPED_MS));
    expect(app.last('hooli')).toMatchObject({ read: 'hello', write: 'written' });

    for (const KeyId of [flushed, kept]) await product.kms.send(new EnableKeyCommand({ KeyId }));
    const backMs = await app.tells('globex', serves, BACK_MS);
    process.stdout.write(`${JSON.stringify({ stoppedMs, backMs: Math.round(backMs) })}\n`);
  } finally {
    app.stop();
  }
}, 240_000);

/** What waits for a person, of all functions: a message of each queue. */
async function deadLetters(): Promise<readonly string[]> {
  const sqs = new SQSClient();
  const { QueueUrls: urls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'keywright-dev-' }));
  const queues = urls.filter((url) => url.includes('dead-letters'));
  expect(queues.length).toBeGreaterThan(10);
  const found = await Promise.all(
    queues.map(async (QueueUrl) => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }));
      return Messages.map((message) => `${QueueUrl.split('/').at(-1)}: ${JSON.stringify(message)}`);
    }),
  );
  sqs.destroy();
  return found.flat();
}

test('a rotation that was asked for while the key went away waits, ends by itself once it is back, and leaves nothing behind', async () => {
  const kmsKeyArn = await product.customer('initech', 20);
  await product.aws.idle();
  await product.kms.send(new DisableKeyCommand({ KeyId: kmsKeyArn }));
  const asked = await product.keywright(['rotate', 'initech', '--json']);
  await product.aws.idle();
  const rotation = () => product.control.find('rotation', JSON.parse(asked.out).rotationId);
  expect(await rotation()).toMatchObject({ state: 'blocked', blockedBy: expect.stringContaining('disabled') });

  await product.kms.send(new EnableKeyCommand({ KeyId: kmsKeyArn }));
  const startMs = performance.now();
  while ((await rotation())?.state !== 'done' && performance.now() - startMs < BACK_MS) await product.aws.idle();

  expect(await rotation()).toMatchObject({ state: 'done' });
  const jobs = [];
  for await (const job of product.control.ofKmsKey('reencryption-job', kmsKeyArn)) jobs.push(job);
  expect(jobs).toMatchObject([{ state: 'done', reencrypted: 20, quarantined: 0 }]);
  expect(await deadLetters()).toEqual([]);
  process.stdout.write(`${JSON.stringify({ rotatedAfterMs: Math.round(performance.now() - startMs) })}\n`);
}, 240_000);
