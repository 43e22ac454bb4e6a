/** STS as recorded from AWS: refusals word for word, and the shape of a session, as a client reads them off the wire. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Call, JsonObject } from 'local-aws/call';
import { movableClock } from 'local-aws/clock';
import { STS_QUERY } from 'local-aws/door/query-dialects';
import { queryWire } from 'local-aws/door/query-wire';
import { iam } from 'local-aws/iam/iam';
import { openStore } from 'local-aws/store';
import { sts } from 'local-aws/sts/engine';

const FILE = resolve(__dirname, '../../../shared/data/aws-recorded/localstack/sts.test_sts.snapshot.json');

interface Answer {
  readonly Error?: { readonly Code: string; readonly Message: string; readonly Type: string };
  readonly ResponseMetadata?: { readonly HTTPStatusCode: number };
}
type Recorded = Readonly<
  Record<string, { readonly 'recorded-content': Readonly<Record<string, Answer & JsonObject>> }>
>;

const ACCOUNT = '111111111111';
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/recorded`;

/** The request behind each recorded answer. A refusal of a parameter shows in its text what was sent. */
const REQUESTS: Readonly<Record<string, JsonObject>> = {
  'assume-role': { RoleArn: ROLE_ARN },
  'malformed-arn': { RoleArn: 'nothing-valid-in-here' },
  'no-partition': { RoleArn: 'arn::b:::something/test-role' },
  'no-service': { RoleArn: 'arn:a::::something/test-role' },
  'not-enough-colons': { RoleArn: 'arn:a:::something/test-role' },
  'no-resource': { RoleArn: 'arn:a:a::aaaaaaaaaa:' },
  'invalid-session-name': { RoleArn: ROLE_ARN, RoleSessionName: 'Session1:2' },
  'invalid-transitive-tag-keys': {
    RoleArn: ROLE_ARN,
    Tags: [{ Key: 'SessionTag1', Value: 'one' }],
    TransitiveTagKeys: ['InvalidKey'],
  },
  'duplicate-tag-keys-different-casing': {
    RoleArn: ROLE_ARN,
    Tags: [
      { Key: 'sessionTag1', Value: 'one' },
      { Key: 'SessionTag1', Value: 'two' },
    ],
  },
};

const OUT_OF_SCOPE: Readonly<Record<string, string>> = {
  'role-1': 'IAM CreateRole: roles come from the template, there is no IAM API',
  'create-role': 'IAM CreateRole: roles come from the template, there is no IAM API',
  'role-session-name': 'a note of the recorder, no answer of AWS',
};

async function answerTo(input: JsonObject) {
  const access = iam({ store: openStore(), clock: movableClock(() => Date.UTC(2026, 0, 1)) });
  const trustPolicy = { Statement: [{ Effect: 'Allow', Action: 'sts:*', Principal: { AWS: ACCOUNT } }] };
  const role = { arn: ROLE_ARN, name: 'recorded', accountId: ACCOUNT, principalId: 'AROARECORDED', policies: [] };
  access.putRole({ ...role, trustPolicy });
  const caller = access.principalOf(access.openAccount(ACCOUNT).accessKeyId);
  if (caller === undefined) throw new Error('an open account has an administrator');
  const call: Call = {
    service: 'sts',
    operation: 'AssumeRole',
    region: 'us-east-1',
    caller,
    input: { RoleSessionName: 'session', ...input },
    requestId: 'r',
    sourceIp: '127.0.0.1',
    userAgent: 'test',
  };
  const { status, body } = queryWire(STS_QUERY).answer(await sts({ iam: access }).handle(call), call);
  return { status, body: String(body) };
}

const textOf = (xml: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
const namesIn = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)])
    : [];

/** What differs from the recording; undefined when nothing does. */
async function difference(name: string, recorded: Answer & JsonObject): Promise<string | undefined> {
  const { status, body } = await answerTo(REQUESTS[name] ?? {});
  const wanted = recorded.ResponseMetadata?.HTTPStatusCode;
  if (status !== wanted) return `${name}: status ${status} instead of ${wanted}: ${body}`;
  if (recorded.Error) {
    const parts = (['Code', 'Message', 'Type'] as const).map((part) => [textOf(body, part), recorded.Error?.[part]]);
    const unlike = parts.find(([actual, expected]) => actual !== expected);
    return unlike && `${name}: ${unlike[0]} instead of ${unlike[1]}`;
  }
  const { ResponseMetadata: _, ...fields } = recorded;
  const missing = namesIn(fields).filter((field) => !body.includes(`<${field}>`));
  return missing.length > 0 ? `${name}: ${missing.join(', ')} missing` : undefined;
}

test('every recorded answer of AssumeRole is the answer given here', async () => {
  const recorded = JSON.parse(readFileSync(FILE, 'utf8')) as Recorded;
  const cases = Object.values(recorded).flatMap((test) => Object.entries(test['recorded-content']));
  const inScope = cases.filter(([name]) => OUT_OF_SCOPE[name] === undefined);

  const differences = (await Promise.all(inScope.map(([name, answer]) => difference(name, answer)))).filter(Boolean);

  const passed = inScope.length - differences.length;
  const outside = cases.length - inScope.length;
  console.log(`recorded sts: ${inScope.length} cases ran, ${passed} passed, ${outside} out of scope`);
  for (const [name] of cases) if (OUT_OF_SCOPE[name]) console.log(`  out of scope: ${name}: ${OUT_OF_SCOPE[name]}`);
  expect(differences).toEqual([]);
  expect(inScope.map(([name]) => name).filter((name) => REQUESTS[name] === undefined)).toEqual([]);
  expect(inScope.length).toBe(Object.keys(REQUESTS).length);
});
