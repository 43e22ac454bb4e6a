/**
 * What a run left behind, looked at without the code that made it: CloudTrail's log files against the customers' streams,
 * and the queues of what could not be done.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { GetObjectCommand, ListBucketsCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, paginateListQueues, SQSClient } from '@aws-sdk/client-sqs';
import { CHECKPOINT_BYTES_MAX, type LogReader } from 'keywright-verify/reader';
import { type LocalAws, startLocalAws } from 'local-aws/aws';
import { clientSettings } from 'local-aws/test/support/local-aws';
import { ACME_ACCOUNT, CUSTOMERS, PROVIDER_ACCOUNT } from '../../cli/start/customers';
import { firstKeyNote } from '../../cli/start/steps/rotations';
import { until } from '../../cli/start/wait-until';
import { customerOnboarded } from '../../events/customer-onboarded';
import { s3AuditObjects } from '../../shared/adapters/s3-audit-objects';
import { readEntries } from '../support/read-entries';

/** Within so long of its clock local AWS has delivered its log files. */
const DELIVERED_MS = 20_000;

/** Real time: whatever a schedule sent is worked by then. */
const WORKED_MS = 20_000;

const ACCOUNTS = [PROVIDER_ACCOUNT, ACME_ACCOUNT];

/** Uses of keys, which streams hold beside every change. */
const USES = ['Decrypt', 'Encrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext', 'ReEncrypt'];

interface TrailRecord {
  readonly eventID: string;
  readonly requestID?: string;
  readonly sharedEventID?: string;
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly readOnly: boolean;
  readonly resources?: readonly { readonly ARN?: string }[];
}

export interface Evidence {
  readonly records: number;
  readonly entries: number;
  /** Calls that CloudTrail logged and that the stream of the customer they concern does not hold. */
  readonly missing: readonly string[];
  /** Records that a stream holds twice, and calls that stand in another customer's stream, or that CloudTrail never logged. */
  readonly surplus: readonly string[];
  /** Queues that hold what should have been done. */
  readonly left: readonly string[];
}

/** Looks at the state in the folder, on a local AWS that is started on it. */
export async function evidenceIn(folder: string): Promise<Evidence> {
  const aws = await startLocalAws({ folder });
  try {
    await aws.idle();
    // What happens from here on may be on its way while we look.
    const completeUntil = secondOf(new Date(aws.clock.now()).toISOString());
    const left = await leftInQueues(aws);
    await logFilesWritten(aws);
    const records = (await Promise.all(ACCOUNTS.map((account) => recordsOf(account, aws)))).flat();
    const streams = await Promise.all(CUSTOMERS.map(({ customerId }) => streamOf(customerId, aws)));
    return { ...compared(records, streams, { completeUntil, ownerOf: ownersIn(folder) }), left };
  } finally {
    await aws.stop();
  }
}

/** Log files hold all that was logged before a call that is found in one of them. */
async function logFilesWritten(aws: LocalAws): Promise<void> {
  const kms = new KMSClient(clientSettings(aws, PROVIDER_ACCOUNT));
  const { $metadata } = await kms.send(new ListAliasesCommand());
  kms.destroy();
  aws.clock.advance(DELIVERED_MS);
  await until('the last call is in a log file', async () => {
    const records = await recordsOf(PROVIDER_ACCOUNT, aws);
    return records.some(({ requestID }) => requestID === $metadata.requestId);
  });
}

interface Entry {
  /** The call or the fact that it tells of. */
  readonly name: string;
  /** The record of it: each account that tells of a call has its own. */
  readonly eventId: string;
  /** Of the CloudTrail record in it; undefined in an entry about a fact of ours. */
  readonly recordedAt?: string;
}

interface Stream {
  readonly customerId: string;
  /** When the customer was registered: what happened to their key before is nobody's. */
  readonly since: string;
  readonly entries: readonly Entry[];
}

function compared(
  logged: readonly TrailRecord[],
  streams: readonly Stream[],
  { completeUntil, ownerOf }: { readonly completeUntil: string; readonly ownerOf: ReadonlyMap<string, string> },
): Omit<Evidence, 'left'> {
  const records = logged.filter(({ eventTime }) => secondOf(eventTime) < completeUntil);
  const concerned = new Map(records.map((record) => [nameOf(record), customerOf(record, ownerOf)]));
  const held = new Map(
    streams.map(({ customerId, entries }) => [customerId, new Set(entries.map(({ name }) => name))]),
  );
  const since = new Map(streams.map((stream) => [stream.customerId, secondOf(stream.since)]));
  const missing = records.filter((record) => {
    const customerId = customerOf(record, ownerOf);
    if (customerId === undefined || secondOf(record.eventTime) <= (since.get(customerId) ?? '')) return false;
    const isRecorded = !record.readOnly || USES.includes(record.eventName);
    return isRecorded && !held.get(customerId)?.has(nameOf(record));
  });
  const surplus = streams.flatMap(({ customerId, entries }) => {
    const eventIds = new Set<string>();
    return entries.filter(({ name, eventId, recordedAt }) => {
      const isKnown = recordedAt === undefined || secondOf(recordedAt) >= completeUntil;
      const isWrong = eventIds.has(eventId) || !(isKnown || concerned.get(name) === customerId);
      eventIds.add(eventId);
      return isWrong;
    });
  });
  return {
    records: records.length,
    entries: streams.reduce((sum, { entries }) => sum + entries.length, 0),
    missing: missing.map(({ eventName, eventTime, eventID }) => `${eventName} at ${eventTime}: ${eventID}`),
    surplus: surplus.map(({ name }) => name),
  };
}

/** The two accounts' copies of one call are one call. */
const nameOf = ({ eventID, sharedEventID }: Pick<TrailRecord, 'eventID' | 'sharedEventID'>) => sharedEventID ?? eventID;

function customerOf(record: TrailRecord, ownerOf: ReadonlyMap<string, string>): string | undefined {
  const owners = (record.resources ?? []).flatMap(({ ARN = '' }) => ownerOf.get(ARN) ?? []);
  const [, named] = /"keywright:customerId":"([^"]+)"/.exec(JSON.stringify(record)) ?? [];
  return owners[0] ?? CUSTOMERS.find(({ customerId }) => customerId === named)?.customerId;
}

/** CloudTrail tells seconds. */
const secondOf = (instant: string) => instant.slice(0, '2026-11-24T00:00:00'.length);

/** Keys that serve one customer alone, as the scenario noted them. */
function ownersIn(folder: string): ReadonlyMap<string, string> {
  const notes = JSON.parse(readFileSync(join(folder, 'scenario.json'), 'utf8'));
  const own = CUSTOMERS.filter(({ option }) => option !== 'managed');
  return new Map(own.map(({ customerId, alias }) => [notes[firstKeyNote(alias)], customerId]));
}

async function recordsOf(accountId: string, aws: LocalAws): Promise<readonly TrailRecord[]> {
  const s3 = new S3Client(clientSettings(aws, accountId));
  const Bucket = `aws-cloudtrail-logs-${accountId}`;
  const records: TrailRecord[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
    for (const { Key = '' } of Contents.filter((object) => object.Key?.includes('/CloudTrail/'))) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const file = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array());
      records.push(...JSON.parse(file.toString()).Records);
    }
  }
  s3.destroy();
  return records.filter(({ eventSource }) => eventSource === 'kms.amazonaws.com');
}

async function streamOf(customerId: string, aws: LocalAws): Promise<Stream> {
  const s3 = new S3Client(clientSettings(aws, PROVIDER_ACCOUNT));
  const { Buckets = [] } = await s3.send(new ListBucketsCommand());
  const bucket = Buckets.find(({ Name }) => Name?.includes('auditbucket'))?.Name ?? '';
  const objects = s3AuditObjects(s3, bucket);
  const reader: LogReader = { read: async (path) => (await objects.read(customerId, path))?.bytes };
  const checkpoint = Buffer.from((await reader.read('checkpoint', CHECKPOINT_BYTES_MAX)) ?? []).toString();
  const entries: Entry[] = [];
  let since = '';
  for await (const bytes of readEntries(reader, Number(checkpoint.split('\n')[1]))) {
    const { record, eventId, operation, at } = JSON.parse(Buffer.from(bytes).toString());
    entries.push(record ? { name: nameOf(record), eventId, recordedAt: record.eventTime } : { name: eventId, eventId });
    if (operation === customerOnboarded.detailType) since = at;
  }
  s3.destroy();
  return { customerId, since, entries };
}

/** A schedule may fire while we look. What is still there after a while is left: nothing leaves the dead letters. */
async function leftInQueues(aws: LocalAws): Promise<readonly string[]> {
  for (const until = Date.now() + WORKED_MS; ; await aws.idle()) {
    const left = await queuesInUse(aws);
    if (left.length === 0 || Date.now() > until) return left;
  }
}

async function queuesInUse(aws: LocalAws): Promise<readonly string[]> {
  const sqs = new SQSClient({ ...clientSettings(aws, PROVIDER_ACCOUNT), useQueueUrlAsEndpoint: false });
  const left: string[] = [];
  for await (const { QueueUrls = [] } of paginateListQueues({ client: sqs }, {})) {
    for (const QueueUrl of QueueUrls.filter((url) => !url.endsWith('example-oncall-phone'))) {
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
      const waiting = Number(Attributes?.['ApproximateNumberOfMessages']);
      const inFlight = Number(Attributes?.['ApproximateNumberOfMessagesNotVisible']);
      if (waiting + inFlight > 0) left.push(`${waiting} + ${inFlight} in ${QueueUrl}`);
    }
  }
  sqs.destroy();
  return left;
}
