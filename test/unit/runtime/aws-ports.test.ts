/** No client of AWS waits without end: what never answers costs a call, and no whole invocation. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KeyRef } from '../../../shared/domain/keys/kms-key';
import * as ports from '../../../shared/runtime/aws-ports';
import { PAGE } from '../../contract/pager';
import { anArn, NOW } from '../../support/make';
import { entriesFor } from '../../support/memory-audit';

const config = {
  controlTableName: 'control',
  dataKeyTableName: 'data-keys',
  reportTableName: 'reports',
  auditBucketName: 'audit',
  auditSigningKeyArn: anArn('signing'),
  auditQueueUrl: 'https://sqs.eu-central-1.amazonaws.com/111122223333/audit.fifo',
  deadLetterQueueUrl: 'https://sqs.eu-central-1.amazonaws.com/111122223333/dead-letters',
  factBusName: 'facts',
  oncallTopicArn: 'arn:aws:sns:eu-central-1:111122223333:oncall',
  drillTopicArn: 'arn:aws:sns:eu-central-1:111122223333:drills',
  channelKeyArn: anArn('channels'),
  linkKeyArn: anArn('links'),
  acknowledgeUrl: 'https://links.example.com/',
  runbooks: 'docs/runbooks',
};
const BUS = 'arn:aws:events:eu-central-1:111122223333:event-bus/keywright-pages-soc';
const own: KeyRef = { kmsKeyArn: anArn(), access: { via: 'key-policy' } };
const roleArn = 'arn:aws:iam::444455556666:role/keywright-reader';
const theirs: KeyRef = { kmsKeyArn: anArn(), access: { via: 'role', roleArn, externalId: 'ours' } };

/** A client waits for three seconds. */
const WITHIN_MS = { least: 2_500, most: 8_000 };

let silent: Server;
const before = { ...process.env };
beforeAll(async () => {
  silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    // Three are the default: the bound of each is what is looked at.
    AWS_MAX_ATTEMPTS: '1',
  });
  // It would be asked in place of the one that is silent.
  delete process.env['AWS_ENDPOINT_URL_DYNAMODB'];
});
afterAll(async () => {
  process.env = before;
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});

const paging = ports.pagingPorts(config, { clock: { now: () => NOW } });

/** A call of each kind of port that functions take, by what it calls. */
const CALLS: Readonly<Record<string, () => Promise<unknown>>> = {
  'control table': () => ports.controlPorts(config).control.find('customer', 'acme'),
  'data-key table': () => ports.dataKeyPorts(config).dataKeys.newest('acme', 'documents'),
  outbox: () => ports.outboxPort(config).outbox.due(NOW, 1),
  'our key': () => ports.kmsPorts().observer.describe(own),
  'role of a customer': () => ports.kmsPorts().observer.describe(theirs),
  'signing key': () => ports.signerPort(config).signer.publicKey(),
  'audit bucket': () => ports.auditPorts(config).objects.read('acme', 'checkpoint'),
  'audit queue': () => ports.auditQueuePort(config).queue.send([entriesFor('acme', ['a'])]),
  'dead letters': () => ports.parkPort(config).park.park('{}', {}),
  bus: () => ports.publisherPort(config).publisher.publish([{ factId: 'f', detailType: 'x.v1', detail: '{}' }]),
  'on-call topic': () => paging.pagers.sns.page(PAGE, { target: config.oncallTopicArn }),
  'bus of pages': () => paging.pagers.eventbridge.page(PAGE, { target: BUS }),
  'secret of a channel': () => paging.secrets.open(new Uint8Array([1]), 'oncall/main'),
  'link that is verified': () => ports.linkVerifierPort(config).links.isSigned('text', new Uint8Array([1])),
  'secret to be kept': () => ports.secretSealerPort(config).secrets.seal('a secret', 'oncall/main'),
};

async function waited(call: () => Promise<unknown>): Promise<'in time' | 'without asking' | 'without end'> {
  const begunAt = performance.now();
  const ended = () => (performance.now() - begunAt < WITHIN_MS.least ? 'without asking' : 'in time');
  const over = new Promise<'without end'>((resolve) => setTimeout(resolve, WITHIN_MS.most, 'without end').unref());
  return Promise.race([call().then(ended, ended), over]);
}

test('what never answers is waited for a few seconds, whatever it is', async () => {
  const names = Object.keys(CALLS);

  const answers = await Promise.all(Object.values(CALLS).map(waited));

  expect(Object.fromEntries(names.map((name, at) => [name, answers[at]]))).toEqual(
    Object.fromEntries(names.map((name) => [name, 'in time'])),
  );
}, 15_000);
