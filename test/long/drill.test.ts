/** Drills on the packaged product: the key of the stack is really taken away, by each cause, and the figures are those of docs/drills.md. */
import { DescribeKeyCommand, GetKeyPolicyCommand } from '@aws-sdk/client-kms';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { ShownDrill } from '../../shared/domain/api/drills';
import { DRILL_CAUSES, type Drill, isDrillOver } from '../../shared/domain/drills/drill';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';

const MINUTE_MS = 60_000;
const WEEK_MS = 7 * 86_400_000;

let product: DeployedProduct;
let drillKey: string;
let policy: string | undefined;
beforeAll(async () => {
  product = await deployedProduct();
  drillKey = product.outputs['DrillKeyArn'] ?? '';
  policy = await policyNow();
});
afterAll(() => product.stop());

const policyNow = async () =>
  (await product.kms.send(new GetKeyPolicyCommand({ KeyId: drillKey, PolicyName: 'default' }))).Policy;

const stateNow = async () =>
  (await product.kms.send(new DescribeKeyCommand({ KeyId: drillKey }))).KeyMetadata?.KeyState;

async function drills(): Promise<readonly Drill[]> {
  const found: Drill[] = [];
  for await (const drill of product.control.ofKmsKey('drill', drillKey)) found.push(drill);
  return found;
}

/** Nothing is measured any more: it only waits for a time to pass. */
const isMeasured = async ({ state, incidentId = '' }: Drill): Promise<boolean> =>
  state === 'returning' && (await product.control.find('incident', incidentId))?.recoveredAt !== undefined;

/** Half a minute passes, and nothing is on its way when it does: what the clock overtakes is late, which is trouble of our own. */
async function halfAMinute(): Promise<void> {
  await product.aws.idle();
  product.aws.clock.advance(MINUTE_MS / 2);
  await product.aws.idle();
}

/** The incident of the drill before is over: the next begins at once. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    const watch = await product.control.find('key-watch', drillKey);
    if (watch?.openIncidentId === undefined) return;
    await halfAMinute();
  }
}

/** Runs the command, and lets minutes pass while its drill only waits. */
async function drill(...words: readonly string[]) {
  await settled();
  let isRunning = true;
  const running = product.keywright(['drill', 'run', ...words, '--json']).finally(() => {
    isRunning = false;
  });
  while (isRunning) {
    await new Promise((later) => setTimeout(later, 1_000));
    const last = (await drills()).at(-1);
    if (last && (await isMeasured(last))) await halfAMinute();
  }
  const { out, exitCode, err } = await running;
  return { ...(JSON.parse(out) as { readonly drill: ShownDrill }), exitCode, err };
}

/** The text of every entry in a customer's stream. */
async function streamOf(customerId: string): Promise<string> {
  const s3 = new S3Client({ forcePathStyle: true });
  const bucket = { Bucket: product.outputs['AuditBucketName'] ?? '' };
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ ...bucket, Prefix: `${customerId}/tile/entries/` }),
  );
  const bodies = await Promise.all(
    Contents.map(async ({ Key }) =>
      (await s3.send(new GetObjectCommand({ ...bucket, Key }))).Body?.transformToString(),
    ),
  );
  s3.destroy();
  return bodies.join('\n');
}

/** What on-call was warned of. */
async function warnings(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { says } of product.control.ofKmsKey('early-warning', drillKey)) found.push(says);
  return found;
}

test.each(DRILL_CAUSES)(
  '%s is noticed, told and over in time',
  async (cause) => {
    const ended = await drill(cause);

    const { detectMs, containMs, pageMs, recoverMs } = ended.drill;
    process.stdout.write(`${JSON.stringify({ cause, detectMs, containMs, pageMs, recoverMs })}\n`);
    expect(ended).toMatchObject({ exitCode: 0, drill: { cause, state: 'passed', missed: [] } });
    expect(ended.err).toContain(`${cause}: the key is given back`);
    expect(await stateNow()).toBe('Enabled');
    expect(JSON.parse((await policyNow()) ?? '')).toEqual(JSON.parse(policy ?? ''));
    expect(await product.keywright(['status', '--json']).then(({ out }) => JSON.parse(out))).toMatchObject({
      openIncidents: { count: 0 },
      keys: [],
      latePages: { count: 0 },
    });
  },
  300_000,
);

test('at a customer’s request their key is not touched, and their stream is told', async () => {
  const theirs = await product.customer('globex');
  const ended = await drill('key-disabled', '--for', 'globex');
  await product.aws.idle();

  expect(ended.drill).toMatchObject({ state: 'passed', customerId: 'globex' });
  const rows = [];
  for await (const incident of product.control.ofKmsKey('incident', theirs)) rows.push(incident);
  expect(rows).toEqual([]);
  expect(await streamOf('globex')).toContain('drill-ended.v1');
}, 300_000);

test('once a week there is a drill of each cause, one after the other; nobody on call is paged for any', async () => {
  const before = (await drills()).length;
  product.aws.clock.advance(WEEK_MS);
  await product.aws.idle();
  for (let minute = 0; minute < 40; minute += 1) {
    await halfAMinute();
    const weekly = (await drills()).slice(before);
    if (weekly.length > 0 && weekly.every(isDrillOver)) break;
  }

  const weekly = (await drills()).slice(before);
  expect(weekly.map(({ cause }) => cause).sort()).toEqual([...DRILL_CAUSES].sort());
  expect(weekly.map(({ state, missed }) => [state, missed])).toEqual(weekly.map(() => ['passed', []]));
  const inOrder = weekly.toSorted((one, other) => ((one.provokedAt ?? '') < (other.provokedAt ?? '') ? -1 : 1));
  for (const [at, { provokedAt = '' }] of inOrder.entries())
    expect(provokedAt >= (inOrder[at - 1]?.endedAt ?? '')).toBe(true);
  expect(await warnings()).toEqual([]);
  expect(await stateNow()).toBe('Enabled');
}, 600_000);
