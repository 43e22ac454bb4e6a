/** Customers have their streams sent to destinations of theirs, and hold what arrived against the log that we signed. */
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DeleteMessageBatchCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type {
  MadeSubscription,
  ShownSubscription,
  SubscriptionDetails,
} from '../../../shared/domain/api/subscriptions';
import { membersOf } from '../../../shared/domain/audit/raw-json';
import type { DestinationKind, EntryFormat } from '../../../shared/domain/subscriptions/subscription';
import { type Api, apiAt } from '../../operate/api';
import { ACME, ACME_ACCOUNT, customerOf } from '../customers';
import { acmeDestinationsTemplate, BUS_QUEUE, NAME } from '../deliveries/acme-destinations';
import { compared } from '../deliveries/compare';
import { openWebhook } from '../deliveries/webhook';
import type { Scene, Step } from '../scene';
import { inParallel, until } from '../wait-until';
import { verifiedLog } from './verify-audit';

interface Delivery {
  readonly customerId: string;
  readonly kind: DestinationKind;
  readonly target: string;
  readonly format: EntryFormat;
  /** The bodies that arrived there. @param secret Of a webhook. */
  received(secret: string): Promise<readonly string[]>;
}

export const deliverAudit: Step = {
  title: 'Send two customers’ audit streams to destinations of theirs',
  async run(scene) {
    const { findings, say } = scene;
    const deliveries = await destinationsOn(scene);
    const results = await inParallel(deliveries, deliveries.length, (delivery) => delivered(delivery, scene));
    for (const result of results) {
      const { customerId, destination, format, entries, verified } = result;
      findings.report.deliveries.push(result);
      findings.check(`${customerOf(customerId).name}’s ${destination} has every entry as it was signed`, verified);
      say(`${customerId}, ${destination}, ${format}: ${entries} entries, ${verified ? 'verified' : 'NOT VERIFIED'}`);
    }
    return `${results.length} destinations, each held against the signed log`;
  },
};

async function destinationsOn({ aws }: Scene): Promise<readonly Delivery[]> {
  await aws.deploy(acmeDestinationsTemplate(), { accountId: ACME_ACCOUNT, stackName: 'keywright-entries' });
  const credentials = aws.credentials(ACME_ACCOUNT);
  const sqs = new SQSClient({ credentials, useQueueUrlAsEndpoint: false });
  const s3 = new S3Client({ credentials });
  const webhook = await openWebhook();
  const of = (service: string, name: string) => `arn:aws:${service}:${aws.region}:${ACME_ACCOUNT}:${name}`;
  const acmes = { customerId: ACME.customerId };
  return [
    { ...acmes, kind: 'sqs', target: of('sqs', NAME), format: 'cloudevents', received: () => takenFrom(NAME, sqs) },
    {
      ...acmes,
      kind: 'eventbridge',
      target: of('events', `event-bus/${NAME}`),
      format: 'cloudtrail',
      received: async () =>
        (await takenFrom(BUS_QUEUE, sqs)).map((event) => membersOf(event).get('detail')?.text ?? ''),
    },
    { ...acmes, kind: 's3', target: `s3://${NAME}/log`, format: 'ocsf', received: () => linesIn(NAME, s3) },
    {
      customerId: 'globex',
      kind: 'webhook',
      target: webhook.url,
      format: 'cloudevents',
      received: async (secret) => webhook.bodies(secret),
    },
  ];
}

/** Subscribes to the whole log, and holds what arrives against it. */
async function delivered({ customerId, kind, target, format, received }: Delivery, scene: Scene) {
  const api = apiAt({ api: scene.outputs['ApiLambdaFunctionUrl'], stage: 'dev' });
  const which = { customerId, name: kind };
  await removeEarlier(which, api);
  const made = await api.call<MadeSubscription>('add-subscription', { ...which, kind, target, format, from: 0 });
  const owed = await sent(which, api);
  // From a bus it goes on to a queue.
  await scene.aws.idle();
  const bodies = await received(made.receiverSecret ?? '');
  const { ok, entries: log } = await verifiedLog(customerId, scene);
  const { entries, isWhole } = compared(format, bodies, log, owed);
  return { customerId, destination: kind, format, entries, verified: ok && isWhole };
}

/** A run that was killed left one, whose secret nobody knows any more: everything is sent again. */
async function removeEarlier(which: { readonly customerId: string; readonly name: string }, api: Api): Promise<void> {
  const { customerId, name } = which;
  const { subscriptions } = await api.call<{ subscriptions: ShownSubscription[] }>('list-subscriptions', {
    customerId,
  });
  if (subscriptions.some((one) => one.name === name)) await api.call('remove-subscription', which);
}

/** @returns how many entries it was sent. */
const sent = (which: { readonly customerId: string; readonly name: string }, api: Api): Promise<number> =>
  until(`${which.customerId}’s ${which.name} has every entry`, async () => {
    const { subscription, behind } = await api.call<SubscriptionDetails>('show-subscription', which);
    return subscription.state === 'active' && behind === 0 && subscription.cursor;
  });

/** All messages that are there, which leave the queue. */
async function takenFrom(QueueName: string, sqs: SQSClient): Promise<readonly string[]> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body = '' }) => Body));
    const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}

async function linesIn(Bucket: string, s3: S3Client): Promise<readonly string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  const texts = await inParallel(Contents, 4, async ({ Key }) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToString()) ?? '';
  });
  return texts.flatMap((text) => text.trimEnd().split('\n'));
}
