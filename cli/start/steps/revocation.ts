/** A customer takes their key away; on-call is paged with the impact; the key comes back and so does the service. */
import {
  CancelKeyDeletionCommand,
  DescribeKeyCommand,
  EnableKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { EnvelopeError } from 'keywright-envelope/errors';
import type { ShownKey } from '../../../shared/domain/api/list-keys';
import type { IncidentShown } from '../../../shared/domain/api/show-incident';
import type { Incident } from '../../../shared/domain/availability/incidents/incident';
import { apiAt } from '../../operate/api';
import { ACME, DATA_STORES, MONTHS_OF_HISTORY } from '../customers';
import type { Scene, Step } from '../scene';
import { inParallel, until } from '../wait-until';
import { PLACES, readBack } from './protect-data';
import { firstKeyOf } from './rotations';

const PHONE = 'example-oncall-phone';
const acmePlaces = PLACES.filter((place) => place.customerId === ACME.customerId);
const otherPlace = PLACES.find((place) => place.customerId !== ACME.customerId);

export const takeKeyAway: Step = {
  title: 'Acme schedules their key for deletion',
  async run(scene) {
    const { notes, aws, findings } = scene;
    await connectPhone(scene);
    const KeyId = await firstKeyOf(ACME, scene);
    const since = notes.once('key taken away at', () => aws.clock.now());
    if (!notes.get('key given back at') && (await stateOf(KeyId, scene)) === 'Enabled') {
      await scene.acmeKms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    }
    const page = await pageOf(scene, 'opened');
    const incident = await incidentOf(KeyId, scene);
    const { revocation } = findings.report;
    revocation.cause = incident.cause;
    revocation.affectedDataStores = incident.impact.dataStoreCount;
    revocation.detectedMs = workedMs(since, Date.parse(incident.detectedAt), scene);
    revocation.pagedMs = workedMs(since, page.sentAt, scene);
    for (const line of page.text.split('\n')) scene.say(`| ${line}`);
    findings.check('the cause is the true one', incident.cause === 'key-pending-deletion');
    findings.check(
      'exactly the data stores under that key are named',
      incident.impact.dataStoreCount === DATA_STORES.length,
    );
    findings.check('on-call was paged within a minute', revocation.pagedMs < 60_000);
    await askAbout(page, scene);
    return `confirmed after ${revocation.detectedMs} ms, on-call paged after ${revocation.pagedMs} ms`;
  },
};

/** Whoever is paged asks the API, as the commands do: about the key, and about the incident that the page names. */
async function askAbout({ text }: Page, { outputs, notes, findings }: Scene): Promise<void> {
  const api = apiAt({ api: outputs['ApiLambdaFunctionUrl'], stage: 'dev' });
  const [, incidentId = ''] = /^Incident: +(\S+)$/m.exec(text) ?? [];
  const { timeline, incident } = await api.call<IncidentShown>('show-incident', { incidentId });
  findings.check(
    'the incident that the page names is found by its id, with its timeline',
    incident.cause === 'key-pending-deletion' && timeline.some(({ what }) => what === 'detected'),
  );
  if (notes.get('key given back at')) return;
  const { keys } = await api.call<{ keys: readonly ShownKey[] }>('list-keys', { key: incident.kmsKeyArn });
  findings.check('the key is listed as unavailable', keys.length === 1 && keys[0]?.availability === 'unavailable');
}

export const refuseWhileAway: Step = {
  title: 'Meanwhile the application: Acme is refused, everybody else works',
  async run(scene) {
    const { envelopeAt, aws, s3, notes, findings } = scene;
    if (notes.get('key given back at')) return 'checked before';
    const envelope = envelopeAt(aws.clock.now);
    const refused = await inParallel(acmePlaces, 3, async (place) => {
      const tries = [envelope.encrypt(place, Buffer.from('new data')), readBack(place, envelope, s3)];
      const outcomes = await Promise.allSettled(tries);
      return outcomes.every((outcome) => outcome.status === 'rejected' && isKeyUnavailable(outcome.reason));
    });
    const others = otherPlace ? await readBack(otherPlace, envelope, s3) : 0;
    findings.check('while the key is away nothing of Acme is read or written', refused.every(Boolean));
    findings.check('other customers are not touched by it', others === MONTHS_OF_HISTORY);
    return `Acme: KEY_UNAVAILABLE in ${acmePlaces.length} data stores; ${otherPlace?.customerId}: ${others} records read`;
  },
};

const isKeyUnavailable = (error: unknown) => error instanceof EnvelopeError && error.code === 'KEY_UNAVAILABLE';

export const giveKeyBack: Step = {
  title: 'Acme calls the deletion off and enables the key',
  async run(scene) {
    const { notes, aws, findings, acmeKms } = scene;
    const KeyId = await firstKeyOf(ACME, scene);
    const since = notes.once('key given back at', () => aws.clock.now());
    if ((await stateOf(KeyId, scene)) === 'PendingDeletion')
      await acmeKms.send(new CancelKeyDeletionCommand({ KeyId }));
    if ((await stateOf(KeyId, scene)) === 'Disabled') await acmeKms.send(new EnableKeyCommand({ KeyId }));
    const incident = await until('the incident is closed', async () => {
      const { state, ...rest } = await incidentOf(KeyId, scene);
      return state === 'closed' && { ...rest, state };
    });
    await pageOf(scene, 'closed');
    const envelope = scene.envelopeAt(aws.clock.now);
    const read = await inParallel(acmePlaces, 3, (place) => readBack(place, envelope, scene.s3));
    findings.report.revocation.recoveredMs = workedMs(since, Date.parse(incident.recoveredAt ?? ''), scene);
    findings.check(
      'all of Acme’s records read back once the key is there again',
      read.every((count) => count === MONTHS_OF_HISTORY),
    );
    return `noticed after ${findings.report.revocation.recoveredMs} ms, incident closed, all of Acme's records readable`;
  },
};

/** From one instant to another, without the time in which nothing ran because the process had been killed between them. */
const workedMs = (from: number, to: number, { playedSince }: Scene) =>
  to - (from < playedSince && playedSince < to ? playedSince : from);

export const isKeyAway = async (scene: Scene) => (await stateOf(await firstKeyOf(ACME, scene), scene)) !== 'Enabled';

async function stateOf(KeyId: string, { acmeKms }: Scene): Promise<string | undefined> {
  const { KeyMetadata } = await acmeKms.send(new DescribeKeyCommand({ KeyId }));
  return KeyMetadata?.KeyState;
}

/** The one incident of the key: open, or closed after it was open. */
async function incidentOf(kmsKeyArn: string, { control }: Scene): Promise<Incident> {
  for await (const { incidentId } of control.ofKmsKey('incident', kmsKeyArn)) {
    const incident = await control.find('incident', incidentId);
    if (incident) return incident;
  }
  throw new Error('There is no incident.');
}

/** On-call's phone is a queue that subscribes to the topic. Safe to repeat. */
async function connectPhone({ sqs, outputs }: Scene): Promise<void> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: PHONE }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: Attributes?.['QueueArn'],
        Condition: { ArnEquals: { 'aws:SourceArn': outputs['OncallTopicArn'] } },
      },
    ],
  });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await new SNSClient().send(
    new SubscribeCommand({ TopicArn: outputs['OncallTopicArn'], Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }),
  );
}

interface Page {
  readonly sentAt: number;
  readonly text: string;
}

/** The page as the phone got it. Pages stay on the phone, so that a second run finds them too. */
async function pageOf(scene: Scene, about: 'opened' | 'closed'): Promise<Page> {
  const { notes } = scene;
  const text = notes.get<string>(`page ${about}`);
  const sentAt = notes.get<number>(`page ${about} sent at`);
  if (text !== undefined && sentAt !== undefined) return { text, sentAt };

  const page = await until(`the page that tells of the incident ${about}`, () => nextPage(scene, about));
  notes.once(`page ${about}`, () => page.text);
  notes.once(`page ${about} sent at`, () => page.sentAt);
  return page;
}

async function nextPage({ sqs, outputs }: Scene, about: 'opened' | 'closed'): Promise<Page | undefined> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: PHONE }));
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 1,
      WaitTimeSeconds: 1,
      MessageSystemAttributeNames: ['SentTimestamp'],
    }),
  );
  for (const { Body, Attributes } of Messages) {
    const { TopicArn, Subject, Message } = JSON.parse(Body ?? '{}');
    const isOver = String(Subject).startsWith('Over:');
    if (TopicArn !== outputs['OncallTopicArn'] || isOver !== (about === 'closed')) continue;
    return { sentAt: Number(Attributes?.['SentTimestamp']), text: `${Subject}\n\n${Message}` };
  }
  return undefined;
}
