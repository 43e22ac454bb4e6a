/** SQS on this machine against what localstack's tests recorded from AWS. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FIFO_CASES } from './sqs/fifo-cases';
import { caseSqs } from './sqs/harness';
import { MESSAGE_CASES } from './sqs/message-cases';
import { QUEUE_CASES } from './sqs/queue-cases';
import { differences, type Recorded } from './sqs/recorded-answer';

const CASES = { ...QUEUE_CASES, ...MESSAGE_CASES, ...FIFO_CASES };

/** Recordings that are not compared, and why. */
const OUT_OF_SCOPE: Readonly<Record<string, string>> = {
  test_list_queues_pagination: 'recorded from localstack, not from AWS: its own URLs, and a token made of them',
  test_send_message_via_queue_url_with_json_protocol: 'about HTTP requests to a queue URL without an operation',
};

const FILE = resolve(__dirname, '../../../shared/data/aws-recorded/localstack/sqs.test_sqs.snapshot.json');

interface Recording {
  readonly name: string;
  /** What stands in brackets after the test's name: the protocol, then the test's own parameter. */
  readonly protocol: string;
  readonly parameter: string;
  readonly answers: Readonly<Record<string, Recorded>>;
}

const recordings = readRecordings();
const compared = recordings.filter((recording) => whyNot(recording) === undefined);
const skipped = recordings.filter((recording) => whyNot(recording) !== undefined);
const failed = new Set<Recording>();

afterAll(() => {
  const inferred = compared.filter(({ name }) => CASES[name]?.inferred).length;
  const passed = compared.length - failed.size;
  const reasons = skipped.map((recording) => `  ${recording.name} [${recording.protocol}]: ${whyNot(recording)}`);
  const summary = `recorded sqs: ${compared.length} cases ran, ${passed} passed, ${skipped.length} out of scope`;
  console.log([`${summary} (${inferred} with requests inferred from the answers)`, ...reasons].join('\n'));
});

test('every recording is compared, or out of scope for a written reason', () => {
  const unknown = compared.filter(({ name }) => CASES[name] === undefined);
  expect(unknown.map(({ name }) => name)).toEqual([]);
  expect(recordings).toHaveLength(74);
});

for (const recording of compared) {
  test(`${recording.name} [${recording.protocol}] ${recording.parameter}`, async () => {
    failed.add(recording);
    const answers = await CASES[recording.name]?.run(caseSqs(recording.protocol === 'sqs_query'), recording.parameter);
    expect(differences(answers, recording.answers)).toEqual([]);
    failed.delete(recording);
  });
}

function whyNot({ name, answers }: Recording): string | undefined {
  if (Object.keys(answers).length === 0) return 'the recording holds no answer';
  return OUT_OF_SCOPE[name];
}

function readRecordings(): readonly Recording[] {
  const file = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, { 'recorded-content'?: Recording['answers'] }>;
  return Object.entries(file).map(([path, entry]) => {
    const [, name = '', bracket = ''] = /::(\w+)(?:\[(.*)\])?$/s.exec(path) ?? [];
    const [protocol = '', ...parameter] = bracket.split('-');
    return { name, protocol, parameter: parameter.join('-'), answers: entry['recorded-content'] ?? {} };
  });
}
