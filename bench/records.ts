/**
 * What a CloudTrail record costs on its way into a stream, in units of JSON.parse over the same bytes: parse, check,
 * attribute and encode. `node bench/run-bundled.mjs records`
 */
import { readKmsRecord } from '../events/cloudtrail-kms-record';
import { keyUseOf } from '../events/kms-key-use';
import { entryOfRecord } from '../shared/domain/audit/audit-entry';
import { attribute } from '../shared/domain/audit/whose-record';
import { customerIndex } from '../shared/domain/customers/customer-index';
import { kmsKeyArn, kmsRecord } from './synthetic-records';

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

function parse(utf8: Buffer): unknown {
  return JSON.parse(utf8.toString());
}

/** A record out of a log file: its bytes go into the entry as they are. */
function fromFile(utf8: Buffer): unknown {
  const text = utf8.toString();
  const record = readKmsRecord(JSON.parse(text));
  const use = keyUseOf(record);
  return attribute(use, index).map((concern) => entryOfRecord(record, use, concern, { text, utf8 }));
}

/** A record out of an event: it is written anew, which costs about another parse. */
function fromEvent(utf8: Buffer): unknown {
  const record = readKmsRecord(JSON.parse(utf8.toString()));
  const use = keyUseOf(record);
  return attribute(use, index).map((concern) => entryOfRecord(record, use, concern));
}

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
  const eventNs = nanosecondsEach(inputs, fromEvent);
  const [fileRatio, eventRatio] = [fileNs / parseNs, eventNs / parseNs].map((ratio) => Number(ratio.toFixed(2)));
  const recordBytes = Math.round(inputs.reduce((sum, { length }) => sum + length, 0) / RECORDS);
  console.log(
    JSON.stringify({ bench: 'records', recordBytes, parseNs, fileNs, eventNs, fileRatio, eventRatio, limit: LIMIT }),
  );
  console.log(
    `records: parse, check, attribute and encode cost ${fileRatio} times JSON.parse (limit ${LIMIT}); ` +
      `${eventRatio} times for records that come in events. ${Math.round(1e9 / fileNs)} records a second.`,
  );
}
