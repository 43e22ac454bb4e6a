import { createHash, createPublicKey, verify } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { AwsError, type Call, type JsonObject, type Principal, type TrailDetails } from '../../call';
import { movableClock } from '../../clock';
import { cloudTrail } from '../../cloudtrail/cloudtrail';
import { cloudTrailEngine } from '../../cloudtrail/engine';
import type { Buses, Objects } from '../../contracts';
import { iam } from '../../iam/iam';
import { openStore, type Store } from '../../store';

const OWN = '111111111111';
const OTHER = '222222222222';
const REGION = 'eu-central-1';
const START = Date.UTC(2026, 0, 31, 23, 58, 30, 123);
const HOUR_MS = 3_600_000;

interface Published {
  readonly accountId: string;
  readonly region: string;
  readonly event: Parameters<Buses['publish']>[2];
  readonly wide: boolean | undefined;
}

function setUp({ store = openStore(), at = START }: { store?: Store; at?: number } = {}) {
  const clock = movableClock(() => at);
  const published: Published[] = [];
  const objects = new Map<string, { body: Uint8Array; metadata: Readonly<Record<string, string>> }>();
  const buckets: string[] = [];
  const buses: Buses = {
    publish: (accountId, region, event, options) =>
      published.push({ accountId, region, event, wide: options?.readOnlyManagement }),
  };
  const shelf: Objects = {
    createBucket: (bucket) => buckets.push(bucket),
    put: (bucket, key, body, metadata = {}) => objects.set(`${bucket}/${key}`, { body, metadata }),
  };
  const trail = cloudTrail({ store, clock }, { buses, objects: shelf }, { deliverAfterMs: 1_000 });
  const contentOf = (name: string) => gunzipSync(objects.get(name)?.body ?? new Uint8Array()).toString();
  const keys = (part: string) => [...objects.keys()].filter((key) => key.includes(part));
  const records = () => keys('/CloudTrail/').flatMap((key) => JSON.parse(contentOf(key)).Records as JsonObject[]);
  const access = iam({ store, clock });
  return { store, clock, published, objects, buckets, trail, contentOf, keys, records, access };
}

const USER: Principal = {
  type: 'IAMUser',
  accountId: OWN,
  arn: `arn:aws:iam::${OWN}:user/ann`,
  principalId: 'AIDAANN',
  accessKeyId: 'AKIAANN',
};
const keyArn = (accountId: string) => `arn:aws:kms:${REGION}:${accountId}:key/1`;
const aCall = (more: Partial<Call> = {}): Call => ({
  service: 'kms',
  operation: 'Decrypt',
  region: REGION,
  caller: USER,
  input: {},
  requestId: 'request-1',
  sourceIp: '127.0.0.1',
  userAgent: 'agent',
  ...more,
});
const details = (more: Partial<TrailDetails> = {}): TrailDetails => ({
  eventSource: 'kms.amazonaws.com',
  readOnly: true,
  requestParameters: { keyId: 'k' },
  responseElements: null,
  resources: [{ ARN: keyArn(OWN), accountId: OWN, type: 'AWS::KMS::Key' }],
  ...more,
});
const onKeyOf = (accountId: string) =>
  details({ resources: [{ ARN: keyArn(accountId), accountId, type: 'AWS::KMS::Key' }] });

describe('the record of a call', () => {
  test('says who, when, what, and what came of it', () => {
    const { trail, published } = setUp();

    trail.record(aCall(), { output: {}, trail: details({ additionalEventData: { keyMaterialId: 'm' } }) });

    expect(published).toHaveLength(1);
    expect(published[0]?.event.detail).toEqual({
      eventVersion: '1.11',
      userIdentity: {
        type: 'IAMUser',
        principalId: 'AIDAANN',
        arn: USER.arn,
        accountId: OWN,
        accessKeyId: 'AKIAANN',
        userName: 'ann',
      },
      eventTime: '2026-01-31T23:58:30Z',
      eventSource: 'kms.amazonaws.com',
      eventName: 'Decrypt',
      awsRegion: REGION,
      sourceIPAddress: '127.0.0.1',
      userAgent: 'agent',
      requestParameters: { keyId: 'k' },
      responseElements: null,
      additionalEventData: { keyMaterialId: 'm' },
      requestID: 'request-1',
      eventID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      readOnly: true,
      resources: [{ ARN: keyArn(OWN), accountId: OWN, type: 'AWS::KMS::Key' }],
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: OWN,
      eventCategory: 'Management',
    });
  });

  test('reaches the default bus of its account at once, read-only ones marked as such', () => {
    const { trail, published } = setUp();

    trail.record(aCall(), { trail: details() });
    trail.record(aCall({ operation: 'DisableKey' }), { trail: details({ readOnly: false }) });

    expect(published).toMatchObject([
      {
        accountId: OWN,
        region: REGION,
        wide: true,
        event: {
          source: 'aws.kms',
          'detail-type': 'AWS API Call via CloudTrail',
          time: '2026-01-31T23:58:30Z',
          resources: [],
        },
      },
      { wide: false },
    ]);
  });

  test('of a role session names the role and since when the session is open', () => {
    const { trail, published, access } = setUp();
    const arn = `arn:aws:iam::${OWN}:role/worker`;
    const role = { arn, name: 'worker', accountId: OWN, principalId: 'AROAW', policies: [] };
    access.putRole({ ...role, trustPolicy: { Statement: [] } });
    const { accessKeyId } = access.openSession(arn, 'run', 900);
    const caller = access.principalOf(accessKeyId) ?? USER;

    trail.record(aCall({ caller }), { trail: details() });

    expect(published[0]?.event.detail['userIdentity']).toEqual({
      type: 'AssumedRole',
      principalId: 'AROAW:run',
      arn: `arn:aws:sts::${OWN}:assumed-role/worker/run`,
      accountId: OWN,
      accessKeyId,
      sessionContext: {
        sessionIssuer: { type: 'Role', principalId: 'AROAW', arn, accountId: OWN, userName: 'worker' },
        attributes: { creationDate: '2026-01-31T23:58:30Z', mfaAuthenticated: 'false' },
      },
    });
  });

  test('carries the error of a failed call, with CloudTrail’s spelling of a refusal', () => {
    const { trail, published } = setUp();
    const failing = (code: string) =>
      trail.record(aCall(), { error: new AwsError(code, `${code} text`), trail: details() });

    failing('DisabledException');
    failing('AccessDeniedException');

    expect(published.map(({ event }) => [event.detail['errorCode'], event.detail['errorMessage']])).toEqual([
      ['DisabledException', 'DisabledException text'],
      ['AccessDenied', 'AccessDeniedException text'],
    ]);
  });

  test('leaves out what AWS leaves out: no resources, no further data', () => {
    const { trail, published } = setUp();
    const { resources: _, ...without } = details();

    trail.record(aCall({ operation: 'ListKeys' }), { trail: without });

    expect(published[0]?.event.detail).not.toHaveProperty('resources');
    expect(published[0]?.event.detail).not.toHaveProperty('additionalEventData');
    expect(published[0]?.event.detail).not.toHaveProperty('errorCode');
  });

  test('of a service acting for itself names the service only', () => {
    const { trail, published } = setUp();
    const service = 'dynamodb.amazonaws.com';
    const caller: Principal = { type: 'AWSService', accountId: OWN, arn: service, principalId: service };

    trail.record(aCall({ caller }), { trail: details() });

    expect(published).toHaveLength(1);
    expect(published[0]?.event.detail).toMatchObject({
      userIdentity: { type: 'AWSService', invokedBy: service },
      sourceIPAddress: service,
      userAgent: service,
      recipientAccountId: OWN,
      sharedEventID: expect.any(String),
    });
  });

  test('is not written for a call that CloudTrail does not log', () => {
    const { trail, published } = setUp();
    trail.record(aCall(), { output: {} });
    expect(published).toEqual([]);
  });
});

describe('a call across accounts', () => {
  test('is recorded in both, as one shared event of two ids, and the owner learns only whose caller it was', () => {
    const { trail, published } = setUp();

    trail.record(aCall(), { output: {}, trail: onKeyOf(OTHER) });

    const [own, owners] = published.map(({ event }) => event.detail);
    expect(published.map(({ accountId }) => accountId)).toEqual([OWN, OTHER]);
    expect(own?.['userIdentity']).toMatchObject({ type: 'IAMUser', arn: USER.arn });
    expect(owners?.['userIdentity']).toEqual({ type: 'AWSAccount', principalId: 'AIDAANN', accountId: OWN });
    expect([own?.['recipientAccountId'], owners?.['recipientAccountId']]).toEqual([OWN, OTHER]);
    expect(own?.['sharedEventID']).toBe(owners?.['sharedEventID']);
    expect(own?.['sharedEventID']).toMatch(/^[0-9a-f-]{36}$/);
    expect(own?.['eventID']).not.toBe(owners?.['eventID']);
  });

  test('that is refused is seen by the caller’s account only', () => {
    const { trail, published } = setUp();

    trail.record(aCall(), { error: new AwsError('AccessDeniedException', 'no'), trail: onKeyOf(OTHER) });

    expect(published.map(({ accountId }) => accountId)).toEqual([OWN]);
    expect(published[0]?.event.detail).not.toHaveProperty('sharedEventID');
  });

  test('that fails for the state of the key is seen by the owner as well', () => {
    const { trail, published } = setUp();

    trail.record(aCall(), { error: new AwsError('DisabledException', 'off'), trail: onKeyOf(OTHER) });

    expect(published.map(({ accountId }) => accountId)).toEqual([OWN, OTHER]);
  });

  test('within one account carries no shared id', () => {
    const { trail, published } = setUp();
    trail.record(aCall(), { trail: details() });
    expect(published[0]?.event.detail).not.toHaveProperty('sharedEventID');
  });
});

test('a trail that begins has its bucket before its first log file, once, in the region where it began', () => {
  const { trail, buckets, clock, keys } = setUp();

  trail.begin({ accountId: OWN, region: REGION });
  trail.begin({ accountId: OWN, region: 'us-east-1' });
  expect(buckets).toEqual([`aws-cloudtrail-logs-${OWN}`]);

  trail.record(aCall(), { trail: details(), output: {} });
  clock.advance(HOUR_MS);
  trail.tick();
  expect(buckets).toHaveLength(1);
  expect(keys('/CloudTrail/')).toHaveLength(1);
});

test('a service event has no caller, no request, and a detail type of its own', () => {
  const { trail, published } = setUp();

  trail.recordServiceEvent({
    eventSource: 'kms.amazonaws.com',
    eventName: 'RotateKey',
    region: REGION,
    accountId: OTHER,
    resources: [{ ARN: keyArn(OTHER), accountId: OTHER, type: 'AWS::KMS::Key' }],
    serviceEventDetails: { rotationType: 'AUTOMATIC' },
  });

  expect(published).toMatchObject([
    {
      accountId: OTHER,
      wide: false,
      event: {
        'detail-type': 'AWS Service Event via CloudTrail',
        detail: {
          eventType: 'AwsServiceEvent',
          userIdentity: { accountId: OTHER, invokedBy: 'AWS Internal' },
          sourceIPAddress: 'AWS Internal',
          requestParameters: null,
          serviceEventDetails: { rotationType: 'AUTOMATIC' },
          recipientAccountId: OTHER,
          readOnly: false,
        },
      },
    },
  ]);
  expect(published[0]?.event.detail).not.toHaveProperty('requestID');
  expect(published[0]?.event.detail['userIdentity']).not.toHaveProperty('type');
});

describe('log files', () => {
  test('hold each account’s records in its own bucket, under AWS’s name, once they are due', () => {
    const { trail, clock, keys, records, buckets, published } = setUp();
    trail.record(aCall(), { output: {}, trail: onKeyOf(OTHER) });

    trail.tick();
    expect(records()).toEqual([]);
    clock.advance(1_000);
    trail.tick();

    expect(buckets).toEqual([`aws-cloudtrail-logs-${OWN}`, `aws-cloudtrail-logs-${OTHER}`]);
    expect(keys(`aws-cloudtrail-logs-${OTHER}/`)).toEqual([
      expect.stringMatching(
        /^aws-cloudtrail-logs-(\d+)\/AWSLogs\/\1\/CloudTrail\/eu-central-1\/2026\/01\/31\/\1_CloudTrail_eu-central-1_20260131T2358Z_\w{16}\.json\.gz$/,
      ),
    ]);
    expect(records()).toEqual(published.map(({ event }) => event.detail));
  });

  test('hold each record once, however often the beat comes', () => {
    const { trail, clock, records } = setUp();
    trail.record(aCall(), { trail: details() });

    for (let beat = 0; beat < 3; beat += 1) {
      clock.advance(1_000);
      trail.tick();
      trail.record(aCall(), { trail: details() });
    }
    clock.advance(1_000);
    trail.tick();

    const ids = records().map(({ eventID }) => eventID);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(4);
  });

  test('are written after a restart for records that were still waiting', () => {
    const { trail, store } = setUp();
    trail.record(aCall(), { trail: details() });

    const again = setUp({ store });
    again.trail.tick();

    expect(again.records()).toHaveLength(1);
  });
});

describe('digests', () => {
  /** Checks a digest as a customer would, with nothing but the bucket and the public key. */
  async function check({ contentOf, objects, store, clock, access }: ReturnType<typeof setUp>, name: string) {
    const engine = cloudTrailEngine({ store, clock }, { iam: access });
    const caller = access.principalOf(access.openAccount(OWN).accessKeyId) ?? USER;
    const { output } = await engine.handle(aCall({ service: 'cloudtrail', operation: 'ListPublicKeys', caller }));
    const [key] = (output?.['PublicKeyList'] ?? []) as readonly { Value: string; Fingerprint: string }[];
    if (key === undefined) throw new Error('the region has a key once it has a digest');
    const content = contentOf(name);
    const digest = JSON.parse(content);
    const hash = createHash('sha256').update(content).digest('hex');
    const previous = digest.previousDigestSignature ?? 'null';
    const signed = [digest.digestEndTime, `${digest.digestS3Bucket}/${digest.digestS3Object}`, hash, previous].join(
      '\n',
    );
    const publicKey = createPublicKey({ key: Buffer.from(key.Value, 'base64'), format: 'der', type: 'pkcs1' });
    const signature = Buffer.from(objects.get(name)?.metadata['signature'] ?? '', 'hex');
    return {
      digest,
      hash,
      isOurs: key.Fingerprint === digest.digestPublicKeyFingerprint,
      isSigned: verify('RSA-SHA256', Buffer.from(signed), publicKey, signature),
    };
  }

  const anHourWithARecord = (world: ReturnType<typeof setUp>) => {
    world.trail.record(aCall(), { trail: details() });
    world.clock.advance(1_000);
    world.trail.tick();
    world.clock.advance(HOUR_MS);
    world.trail.tick();
  };

  test('list the hour’s log files with their hashes, signed with the region’s key', async () => {
    const world = setUp();
    anHourWithARecord(world);

    const [name = ''] = world.keys('CloudTrail-Digest');
    const { digest, isOurs, isSigned } = await check(world, name);

    expect(name).toMatch(
      /\/AWSLogs\/(\d+)\/CloudTrail-Digest\/eu-central-1\/2026\/02\/01\/\1_CloudTrail-Digest_eu-central-1_management-events_eu-central-1_20260201T005831Z\.json\.gz$/,
    );
    expect({ isOurs, isSigned }).toEqual({ isOurs: true, isSigned: true });
    expect(`${digest.digestS3Bucket}/${digest.digestS3Object}`).toBe(name);
    const [logFile] = world.keys('/CloudTrail/');
    expect(digest.logFiles).toEqual([
      {
        s3Bucket: `aws-cloudtrail-logs-${OWN}`,
        s3Object: logFile?.slice(logFile.indexOf('/') + 1),
        hashValue: createHash('sha256')
          .update(world.contentOf(logFile ?? ''))
          .digest('hex'),
        hashAlgorithm: 'SHA-256',
        newestEventTime: '2026-01-31T23:58:30Z',
        oldestEventTime: '2026-01-31T23:58:30Z',
      },
    ]);
    expect(digest).toMatchObject({
      digestStartTime: '2026-01-31T23:58:31Z',
      digestEndTime: '2026-02-01T00:58:31Z',
      previousDigestS3Object: null,
      previousDigestSignature: null,
    });
  });

  test('follow each other: each carries hash and signature of the one before, also when an hour was empty', async () => {
    const world = setUp();
    anHourWithARecord(world);
    world.clock.advance(HOUR_MS);
    world.trail.tick();

    const [first = '', second = ''] = world.keys('CloudTrail-Digest');
    const before = await check(world, first);
    const { digest, isSigned } = await check(world, second);

    expect(isSigned).toBe(true);
    expect(digest).toMatchObject({
      logFiles: [],
      newestEventTime: null,
      digestStartTime: before.digest.digestEndTime,
      previousDigestS3Object: before.digest.digestS3Object,
      previousDigestHashValue: before.hash,
      previousDigestSignature: world.objects.get(first)?.metadata['signature'],
    });
  });

  test('go on with the same key and chain after a restart', async () => {
    const world = setUp();
    anHourWithARecord(world);
    const [first = ''] = world.keys('CloudTrail-Digest');

    const again = setUp({ store: world.store, at: world.clock.now() + HOUR_MS });
    again.trail.tick();

    const [second = ''] = again.keys('CloudTrail-Digest');
    const { digest, isOurs, isSigned } = await check(again, second);
    expect({ isOurs, isSigned }).toEqual({ isOurs: true, isSigned: true });
    expect(digest.previousDigestS3Object).toBe(first.slice(first.indexOf('/') + 1));
  });

  test('cover the hours that a jump of the clock skipped by one digest', () => {
    const world = setUp();
    world.trail.record(aCall(), { trail: details() });
    world.clock.advance(1_000);
    world.trail.tick();

    world.clock.advance(7 * 24 * HOUR_MS);
    world.trail.tick();
    world.trail.tick();

    expect(world.keys('CloudTrail-Digest')).toHaveLength(1);
  });
});
