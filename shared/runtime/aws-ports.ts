/**
 * Where ports meet adapters: the one place that makes clients of AWS. Each function takes the groups it needs, once, at
 * cold start; what it does not take is not in its bundle.
 */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { PATIENCE } from '../adapters/client-timeouts';
import { datadogDestination } from '../adapters/destinations/datadog-destination';
import { eventBridgeDestination } from '../adapters/destinations/eventbridge-destination';
import { s3Destination } from '../adapters/destinations/s3-destination';
import { snsDestination } from '../adapters/destinations/sns-destination';
import { splunkDestination } from '../adapters/destinations/splunk-destination';
import { sqsDestination } from '../adapters/destinations/sqs-destination';
import { webhookDestination } from '../adapters/destinations/webhook-destination';
import { randomEndpointSecrets } from '../adapters/destinations/webhook-signatures';
import { documentsOf } from '../adapters/document-client';
import { dynamoAuditSequence } from '../adapters/dynamo-audit-sequence';
import { dynamoControlStore } from '../adapters/dynamo-control-store';
import { dynamoDataKeyStore } from '../adapters/dynamo-data-key-store';
import { dynamoKeyUses } from '../adapters/dynamo-key-uses';
import { dynamoLastUses } from '../adapters/dynamo-last-uses';
import { dynamoLiveTraffic } from '../adapters/dynamo-live-traffic';
import { dynamoOutbox } from '../adapters/dynamo-outbox';
import { eventBridgeFactPublisher } from '../adapters/eventbridge-fact-publisher';
import { iamRoleObserver } from '../adapters/iam-role-observer';
import { kmsAliases } from '../adapters/kms-aliases';
import { kmsSecretOpener, kmsSecretSealer } from '../adapters/kms-channel-secrets';
import { kmsCheckpointSigner } from '../adapters/kms-checkpoint-signer';
import { kmsClients } from '../adapters/kms-clients';
import { kmsDataKeyCrypto } from '../adapters/kms-data-key-crypto';
import { kmsKeyAdministrator } from '../adapters/kms-key-administrator';
import { kmsKeyObserver } from '../adapters/kms-key-observer';
import { kmsKeyProver } from '../adapters/kms-key-prover';
import { kmsLinkSigner, kmsLinkVerifier } from '../adapters/kms-link-signer';
import { kmsMaterialImporter } from '../adapters/kms-material-importer';
import { leasedRateLimiter } from '../adapters/leased-rate-limiter';
import { eventBridgePager } from '../adapters/pagers/eventbridge-pager';
import { pagerDutyPager } from '../adapters/pagers/pagerduty-pager';
import { slackPager } from '../adapters/pagers/slack-pager';
import { snsPager } from '../adapters/pagers/sns-pager';
import { webhookPager } from '../adapters/pagers/webhook-pager';
import { s3AuditObjects } from '../adapters/s3-audit-objects';
import { sqsAuditQueue } from '../adapters/sqs-audit-queue';
import { sqsPark } from '../adapters/sqs-park';
import { stsIdentityVerifier } from '../adapters/sts-identity-verifier';
import { guardedWeb } from '../adapters/web/guarded-post';
import type { Clock } from '../domain/ports';
import { COLLECTOR_PORTS } from '../domain/subscriptions/new-subscription';
import type { Config } from './config';

/** What every client has in common. */
const PATIENT = { requestHandler: PATIENCE };

const documents = () => documentsOf(new DynamoDBClient(PATIENT));

/** Queue URLs name a host of AWS; a client that is pointed elsewhere by its endpoint shall go there all the same. */
const queues = (region?: string) =>
  new SQSClient({ ...PATIENT, useQueueUrlAsEndpoint: false, ...(region !== undefined && { region }) });

/** The control table. */
export const controlPorts = ({ controlTableName }: Config<'controlTableName'>) => ({
  control: dynamoControlStore(documents(), controlTableName),
});

/** How often key materials have encrypted. */
export const keyUsesPort = ({ controlTableName }: Config<'controlTableName'>) => ({
  uses: dynamoKeyUses(documents(), controlTableName),
});

/** When keys were last used. */
export const lastUsesPort = ({ controlTableName }: Config<'controlTableName'>) => ({
  lastUses: dynamoLastUses(documents(), controlTableName),
});

/** The data-key table. */
export const dataKeyPorts = (config: Config<'controlTableName' | 'dataKeyTableName'>) => ({
  dataKeys: dynamoDataKeyStore(documents(), config.dataKeyTableName, config.controlTableName),
});

/** All of them share one pool of connections. */
function customersClients() {
  const sts = new STSClient(PATIENT);
  return kmsClients(sts, { requestHandler: sts.config.requestHandler });
}

/** Reads the roles by which we come to customers’ keys. */
export function roleObserverPort() {
  const sts = new STSClient(PATIENT);
  return { roles: iamRoleObserver(sts, { requestHandler: sts.config.requestHandler }) };
}

/** What uses and looks at keys, by our own credentials or a customer's role. */
export function kmsPorts() {
  const clients = customersClients();
  return {
    crypto: kmsDataKeyCrypto(clients),
    observer: kmsKeyObserver(clients),
    prover: kmsKeyProver(clients),
    administrator: kmsKeyAdministrator(clients),
  };
}

/** What imports key material, on an operator's own machine and with their credentials. No function takes it. */
export function importPorts() {
  const clients = customersClients();
  return {
    observer: kmsKeyObserver(clients),
    importer: kmsMaterialImporter(clients),
    clock: { now: () => new Date().toISOString() },
  };
}

/** Finds keys by alias, with our own credentials. */
export const aliasesPort = () => ({ aliases: kmsAliases(new KMSClient(PATIENT)) });

/** Who signed a proof, by STS. */
export const identitiesPort = () => ({ identities: stsIdentityVerifier(new STSClient(PATIENT)) });

/** One process is one worker, whatever it works. */
export function rateLimiterPort({ controlTableName, reportTableName }: Config<'controlTableName' | 'reportTableName'>) {
  const client = documents();
  const control = dynamoControlStore(client, controlTableName);
  return {
    pace: leasedRateLimiter({ control, live: dynamoLiveTraffic(client, reportTableName), workerId: randomUUID() }),
  };
}

/** What writes customers’ audit logs. */
export const auditPorts = (config: Config<'controlTableName' | 'auditBucketName' | 'auditSigningKeyArn'>) => ({
  sequence: dynamoAuditSequence(documents(), config.controlTableName),
  objects: s3AuditObjects(new S3Client(PATIENT), config.auditBucketName),
  ...signerPort(config),
});

/** The files of customers’ audit logs. */
export const auditFilesPort = ({ auditBucketName }: Config<'auditBucketName'>) => ({
  objects: s3AuditObjects(new S3Client(PATIENT), auditBucketName),
});

/** Signs with the audit signing key. */
export const signerPort = ({ auditSigningKeyArn }: Config<'auditSigningKeyArn'>) => ({
  signer: kmsCheckpointSigner(new KMSClient(PATIENT), auditSigningKeyArn),
});

/** The order of entries, for whoever asks what a log holds. */
export const auditSequencePort = ({ controlTableName }: Config<'controlTableName'>) => ({
  sequence: dynamoAuditSequence(documents(), controlTableName),
});

/** The queue of entries on their way to `append-audit`. */
export const auditQueuePort = ({ auditQueueUrl }: Config<'auditQueueUrl'>) => ({
  queue: sqsAuditQueue(queues(), auditQueueUrl),
});

/** The fact bus. */
export const publisherPort = ({ factBusName }: Config<'factBusName'>) => ({
  publisher: eventBridgeFactPublisher(new EventBridgeClient(PATIENT), factBusName),
});

/** The outbox, for who publishes it. */
export const outboxPort = ({ controlTableName }: Config<'controlTableName'>) => ({
  outbox: dynamoOutbox(documents(), controlTableName),
});

/** What sends pages: channels, with the topic of the stack, and where what pages name is: runbooks, and the form that acknowledges. */
export const pagingPorts = (
  {
    oncallTopicArn,
    drillTopicArn,
    runbooks,
    linkKeyArn,
    acknowledgeUrl,
    ...config
  }: Config<'oncallTopicArn' | 'drillTopicArn' | 'channelKeyArn' | 'runbooks' | 'linkKeyArn' | 'acknowledgeUrl'>,
  basics: { readonly clock: Clock },
) => ({
  ...channelPorts(config, basics),
  links: kmsLinkSigner(new KMSClient(PATIENT), linkKeyArn),
  oncallTopicArn,
  drillTopicArn,
  runbooks,
  acknowledgeUrl,
});

/** Tells links of ours from others. */
export const linkVerifierPort = ({ linkKeyArn }: Config<'linkKeyArn'>) => ({
  links: kmsLinkVerifier(new KMSClient(PATIENT), linkKeyArn),
});

/** Channels: one adapter for each kind, and what opens their secrets. */
export const channelPorts = ({ channelKeyArn }: Config<'channelKeyArn'>, { clock }: { readonly clock: Clock }) => ({
  pagers: {
    sns: snsPager(inRegion((region) => new SNSClient({ ...PATIENT, region }))),
    eventbridge: eventBridgePager(inRegion((region) => new EventBridgeClient({ ...PATIENT, region }))),
    pagerduty: pagerDutyPager(),
    webhook: webhookPager(clock),
    slack: slackPager(),
  },
  secrets: kmsSecretOpener(new KMSClient(PATIENT), channelKeyArn),
});

/** Topics and buses are reached in their own region. A region has one client: there are some thirty. */
function inRegion<Client>(make: (region: string) => Client): (region: string) => Client {
  const clients = new Map<string, Client>();
  return (region) => {
    const client = clients.get(region) ?? make(region);
    clients.set(region, client);
    return client;
  };
}

/** Encrypts secrets of channels, and can open none. */
export const secretSealerPort = ({ channelKeyArn }: Config<'channelKeyArn'>) => ({
  secrets: kmsSecretSealer(new KMSClient(PATIENT), channelKeyArn),
});

/** Where entries of customers' logs go: one adapter for each kind, and what opens their secrets. */
export const deliveryPorts = (
  { channelKeyArn, auditBucketName, loopback }: Config<'channelKeyArn' | 'auditBucketName' | 'loopback'>,
  { clock }: { readonly clock: Clock },
) => {
  const guard = { isLoopbackAllowed: loopback === 'allowed' };
  const web = guardedWeb(guard);
  const buckets = new S3Client({ ...PATIENT, followRegionRedirects: true });
  return {
    objects: s3AuditObjects(new S3Client(PATIENT), auditBucketName),
    destinations: {
      webhook: webhookDestination(web, clock),
      sqs: sqsDestination(inRegion(queues)),
      sns: snsDestination(inRegion((region) => new SNSClient({ ...PATIENT, region }))),
      eventbridge: eventBridgeDestination(inRegion((region) => new EventBridgeClient({ ...PATIENT, region }))),
      s3: s3Destination(buckets),
      splunk: splunkDestination(guardedWeb({ ...guard, ports: COLLECTOR_PORTS }), clock),
      datadog: datadogDestination(web, clock),
    },
    secrets: kmsSecretOpener(new KMSClient(PATIENT), channelKeyArn),
  };
};

/** The files of customers’ audit logs. */
export const logFilesPort = ({ auditBucketName }: Config<'auditBucketName'>) => ({
  objects: s3AuditObjects(new S3Client(PATIENT), auditBucketName),
});

/** What adds subscriptions: how far logs are, and new secrets. */
export const subscriptionPorts = (config: Config<'controlTableName'>) => ({
  ...auditSequencePort(config),
  endpointSecrets: randomEndpointSecrets,
});

/** The function’s dead letters. */
export const parkPort = ({ deadLetterQueueUrl }: Config<'deadLetterQueueUrl'>) => ({
  park: sqsPark(queues(), deadLetterQueueUrl),
});
