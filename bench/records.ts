/**
 * What a CloudTrail record costs on its way into a stream, in units of JSON.parse over the same bytes: parse, check,
 * attribute and encode. `node bench/run-bundled.mjs records`
 */
import { readKmsRecord } from '../events/cloudtrail-kms-record';
import { keyUseOf } from '../events/kms-key-use';
import { entryOfRecord } from '../shared/domain/audit/audit-entry';
import { partAt } from '../shared/domain/audit/raw-json';
import { attribute } from '../shared/domain/audit/whose-record';
import { customerIndex } from '../shared/domain/customers/customer-index';
import { ACCOUNT, kmsKeyArn, kmsRecord } from './synthetic-records';

const RECORDS = 1000;
const CUSTOMERS = 100;
const ROUNDS = 40;
const LIMIT = 2.5;

const index = customerIndex(
  Array.from({ length: CUSTOMERS }, (_, at) => ({
    customerId: `customer-${at}`,
    kmsKeys: [kmsKeyArn(at)],
    accounts: [],
    encryptionContext: { 'keywright:customerId': `customer-${at}` },
  })),
);

/** As EventBridge writes the members before the record. */
const ENVELOPE =
  `{"version":"0","id":"11111111-2222-4333-8444-555555555555","detail-type":"AWS API Call via CloudTrail","source":"aws.kms",` +
  `"account":"${ACCOUNT}","time":"2026-11-01T08:15:30Z","region":"eu-central-1","resources":[],"detail":`;

function parse(utf8: Buffer): unknown {
  return JSON.parse(utf8.toString());
}

/** A record out of a log file: its bytes go into the entry as they are. */
function fromFile(utf8: Buffer): unknown {
  const text = utf8.toString();
  const record = readKmsRecord(JSON.parse(text));
  const use = keyUseOf(record);
  const received = { text, utf8, isCompact: true, provenance: FROM_FILE };
  return attribute(use, index).map((concern) => entryOfRecord(record, use, concern, received));
}

const FROM_FILE = {
  via: 'file',
  object: 'AWSLogs/111122223333/CloudTrail/eu-central-1/log.json.gz',
  index: 7,
} as const;

/** A record out of an event: its text is looked for in that of the event. */
function fromEvent(utf8: Buffer): unknown {
  const text = utf8.toString();
  const { detail } = JSON.parse(text);
  const record = readKmsRecord(detail);
  const use = keyUseOf(record);
  const received = { ...partAt(text, ['detail']), provenance: FROM_BUS };
  return attribute(use, index).map((concern) => entryOfRecord(record, use, concern, received));
}

const FROM_BUS = { via: 'eventbridge', eventId: '11111111-2222-4333-8444-555555555555', account: ACCOUNT } as const;

/** The best round counts: it is the one that other programs of the machine disturbed least. */
function nanosecondsEach(inputs: readonly Buffer[], work: (utf8: Buffer) => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (const input of inputs) work(input);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / inputs.length);
  }
  return best;
}

export function run(): void {
  const inputs = Array.from({ length: RECORDS }, (_, at) => Buffer.from(JSON.stringify(kmsRecord(at, CUSTOMERS))));
  const parseNs = nanosecondsEach(inputs, parse);
  const fileNs = nanosecondsEach(inputs, fromFile);
  const events = inputs.map((input) => Buffer.from(`${ENVELOPE}${input}}`));
  const [parseEventNs, eventNs] = [nanosecondsEach(events, parse), nanosecondsEach(events, fromEvent)];
  const [fileRatio, eventRatio] = [fileNs / parseNs, eventNs / parseEventNs].map((ratio) => Number(ratio.toFixed(2)));
  const recordBytes = Math.round(inputs.reduce((sum, { length }) => sum + length, 0) / RECORDS);
  console.log(
    JSON.stringify({ bench: 'records', recordBytes, parseNs, fileNs, eventNs, fileRatio, eventRatio, limit: LIMIT }),
  );
  console.log(
    `records: parse, check, attribute and encode cost ${fileRatio} times JSON.parse (limit ${LIMIT}); ` +
      `${eventRatio} times for records that come in events. ${Math.round(1e9 / fileNs)} records a second.`,
  );
}
