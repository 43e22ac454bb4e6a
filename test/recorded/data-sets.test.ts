/**
 * Every file of ../shared/data is read by a suite, which says so by naming it, or is not read, for a written reason. Checked against
 * the manifest and against what lies there.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const DATA = resolve(__dirname, '../../../shared/data');
/** About the data themselves. */
const ABOUT = ['MANIFEST.json', 'README.md', 'reported/README.md'];

/** Which suite reads what; a path that ends in a slash is a folder whose files are all read. */
const READ_BY: Readonly<Record<string, string>> = {
  'aws-recorded/localstack/events.test_archive_and_replay.snapshot.json': 'events.test.ts',
  'aws-recorded/localstack/events.test_events.snapshot.json': 'events.test.ts',
  'aws-recorded/localstack/events.test_events_cross_account_region.snapshot.json': 'events.test.ts',
  'aws-recorded/localstack/events.test_events_targets.snapshot.json': 'events.test.ts',
  'aws-recorded/localstack/kms.test_kms.snapshot.json': 'kms/localstack.ts',
  'aws-recorded/localstack/scheduler.test_scheduler.snapshot.json': 'scheduler.test.ts',
  'aws-recorded/localstack/sqs.test_sqs.snapshot.json': 'sqs.test.ts',
  'aws-recorded/localstack/sts.test_sts.snapshot.json': 'sts.test.ts',
  'cloudtrail/': 'cloudtrail-replay.test.ts',
  'eventbridge-patterns/aws-recorded-testeventpattern.json': 'event-patterns.test.ts',
  'eventbridge-patterns/event-ruler-recorded-matches.jsonl': 'event-patterns.test.ts',
  'eventbridge-patterns/event-ruler-recorded-validity.jsonl': 'event-patterns.test.ts',
  'iam/kms-policies-aws-docs.jsonl': 'policies.test.ts',
  'kms-recorded/aws-sdk-kms-examples.json': 'kms/examples.ts',
  'kms-recorded/custodian-placebo/': 'kms/custodian.ts',
  'kms-recorded/localstack-kms-errors.json': 'kms/localstack.ts',
  'merkle/rfc6962-proof-vectors.jsonl': 'merkle.test.ts',
  'pagerduty/': 'pagerduty.test.ts',
  'reported/gzip-trailing-two-bytes/': 'reported.test.ts',
  'reported/gzip-trailing-zeros/': 'reported.test.ts',
  'reported/numbers/compact/': 'reported.test.ts',
  'tlog/checkpoint-sumdb.json': 'tlog.test.ts',
  'webhooks/': 'webhooks.test.ts',
};

/** What no suite reads, and why. */
const NOT_READ: Readonly<Record<string, string>> = {
  'aws-recorded/localstack/dynamodb.test_dynamodb.snapshot.json':
    'the DynamoDB of local AWS is dynoxide, an engine of others',
  'aws-recorded/localstack/dynamodbstreams.test_dynamodb_streams.snapshot.json':
    'the same; one recording is of Kinesis, the other of global tables, and nothing here has either',
  'aws-recorded/localstack/secretsmanager.test_secretsmanager.snapshot.json': 'nothing here keeps or rotates secrets',
  'cloudevents/': 'no event is written in the form of CloudEvents yet',
  'cloudtrail-digest/': 'no digest is read yet, and the signatures of these cannot be checked',
  'ocsf/': 'no event is written in the form of OCSF yet',
  'reported/numbers/eventbridge/': 'not yet right: a record in an envelope is signed with its numbers rounded',
  'reported/numbers/pretty/': 'not yet right: a record with whitespace in it is signed with its numbers rounded',
  'reported/partitions/': 'not yet right: five of the eight rotations are nobody’s',
  'reported/partitions.customers.json': 'not yet right: it belongs to the partitions',
  'reported/sound-record-aggregated/': 'not yet right: an aggregated record is rejected instead of skipped',
  'reported/sound-record-version-1.0/': 'not yet right: another service’s record without an id is rejected',
};

const rows = [...Object.keys(READ_BY), ...Object.keys(NOT_READ)];
const isOf = (row: string, file: string) => (row.endsWith('/') ? file.startsWith(row) : file === row);

const present: readonly string[] = readdirSync(DATA, { recursive: true, encoding: 'utf8' })
  .filter((file) => statSync(join(DATA, file)).isFile() && !ABOUT.includes(file))
  .sort();
const manifest: readonly { readonly file: string }[] = JSON.parse(readFileSync(join(DATA, 'MANIFEST.json'), 'utf8'));

test('what lies there is what the manifest lists, and what people reported', () => {
  const listed = present.filter((file) => !file.startsWith('reported/'));

  expect(manifest.map(({ file }) => file).sort()).toEqual(listed);
  expect([manifest.length, present.length]).toEqual([64, 74]);
});

test('every file is read by a suite or is not for a reason, and nothing else is spoken of', () => {
  const spokenOf = present.map((file) => [file, rows.filter((row) => isOf(row, file)).length]);

  expect(spokenOf).toEqual(present.map((file) => [file, 1]));
  expect(rows.filter((row) => !present.some((file) => isOf(row, file)))).toEqual([]);
});

test.each(Object.entries(READ_BY))('%s is named by %s', (path, suite) => {
  const text = readFileSync(join(__dirname, suite), 'utf8');
  // A suite may put a path together; what several recordings end in it says once.
  const parts = path.replace('.snapshot.json', '').split('/');

  expect(parts.filter((part) => !text.includes(part))).toEqual([]);
});
