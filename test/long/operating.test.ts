/** People operate the packaged product: from the command line through the signed API to the verbs and back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { kmsCheckpointSigner } from '../../shared/adapters/kms-checkpoint-signer';
import { verifierKey } from '../../shared/domain/audit/log/signed-note';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';

const folder = mkdtempSync(join(tmpdir(), 'operating-'));

let product: DeployedProduct;
beforeAll(async () => {
  product = await deployedProduct();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await product.stop();
});

/** Runs a command that must succeed, and gives what it prints as JSON. */
const json = (...args: readonly string[]) => jsonAs(undefined, ...args);

async function jsonAs(person: ReturnType<DeployedProduct['person']> | undefined, ...args: readonly string[]) {
  const { out, err, exitCode } = await product.keywright([...args, '--json'], person);
  expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
  return JSON.parse(out);
}

test('a person begins a rotation, follows its re-encryption to the end, and finds both in the lists', async () => {
  const kmsKeyArn = await product.customer('globex', 5);

  const rotation = await json('rotate', 'globex');
  expect(rotation).toMatchObject({ kmsKeyArn, state: 'requested', startedBy: 'person', strategy: 'kms-on-demand' });
  await product.aws.idle();
  const job = await json('reencrypt', 'watch', rotation.rotationId);

  expect(job).toMatchObject({ state: 'done', reencrypted: 5, quarantined: 0 });
  expect(await json('rotations', kmsKeyArn)).toMatchObject({ rotations: [{ state: 'done' }], more: false });
  expect((await json('reencrypt', 'status', '--customer', 'globex')).jobs).toHaveLength(1);
});

test('a rule is set for a key, tried first, and shown as what the key goes by', async () => {
  const kmsKeyArn = await product.customer('umbrella');
  const rule = ['umbrella', '--strategy', 'replace', '--period-days', '30', '--window', 'sat-sun 22:00-06:00 UTC'];
  const way = ['--quiet-days', '14', '--approve-disable'];

  expect(await json('policy', 'set', ...rule, '--dry-run')).toMatchObject({ kmsKeyArns: [kmsKeyArn] });
  expect(await json('policy', 'show', 'umbrella')).toMatchObject({ policy: { strategy: 'kms-on-demand' } });

  await json('policy', 'set', ...rule, ...way);
  expect(await json('policy', 'show', 'umbrella')).toMatchObject({
    policy: {
      strategy: 'replace',
      periodDays: 30,
      window: { days: ['sat', 'sun'], timeZone: 'UTC' },
      retirement: { quietDays: 14, approveDisable: true, disabledDays: 30 },
    },
    rule: { scope: `key/${kmsKeyArn}` },
  });
});

test('a job waits for the window of its key’s policy, and for a compromise it waits no longer', async () => {
  await product.customer('soylent', 4);
  const inThreeDays = new Date(product.aws.clock.now() + 3 * 86_400_000).toLocaleDateString('en', {
    weekday: 'short',
    timeZone: 'UTC',
  });
  const window = `${inThreeDays.toLowerCase()} 22:00-23:00 UTC`;
  await json('policy', 'set', 'soylent', '--strategy', 'kms-on-demand', '--period-days', '90', '--window', window);

  const { rotationId: jobId } = await json('rotate', 'soylent');
  await product.aws.idle();
  expect(await json('reencrypt', 'status', jobId)).toMatchObject({
    state: 'running',
    priority: 'routine',
    reencrypted: 0,
    waitsUntil: expect.stringMatching(/T22:00:00\.000Z$/),
  });

  expect(await json('reencrypt', 'priority', jobId, 'compromise')).toMatchObject({ priority: 'compromise' });
  expect(await json('reencrypt', 'watch', jobId)).toMatchObject({ state: 'done', reencrypted: 4 });
});

test('the quota that a key’s requests count against is shown and set', async () => {
  await product.customer('nakatomi');
  expect(await json('quota', 'show', 'nakatomi')).toMatchObject({ quotaId: 'own/eu-central-1', perSecond: 20_000 });

  await json('quota', 'set', 'nakatomi', '--per-second', '100000', '--reserved', '2000');
  await json('quota', 'set', 'nakatomi', '--per-second', '50000');
  expect(await json('quota', 'show', 'nakatomi')).toMatchObject({ perSecond: 50_000, reserved: 2_000 });
});

test('what still needs a key is counted, and a key that was replaced is seen to go', async () => {
  const kmsKeyArn = await product.customer('wayne', 3);

  const counted = [{ inventory: [{ isNewest: true, dataKeys: 3 }] }];
  expect(await json('reencrypt', 'inventory', 'wayne')).toMatchObject({ parts: counted });
  expect(await json('reencrypt', 'start', '--customer', 'wayne', '--dry-run')).toMatchObject({ jobs: counted });
  const everything = await json('reencrypt', 'start', '--all', '--dry-run');
  expect(everything).toMatchObject({ refused: [] });
  expect(everything.keys).toBeGreaterThan(1);
  expect(await json('retire', 'plan', 'wayne')).toMatchObject({
    state: 'active',
    needs: { dataKeys: 3, dataStores: ['wayne/documents'] },
  });

  const terms = ['--priority', 'deadline', '--window', 'sat 22:00-23:00 UTC', '--dry-run'];
  expect(JSON.stringify(await json('reencrypt', 'start', 'wayne', ...terms))).toContain(kmsKeyArn);

  await json('rotate', 'wayne', '--strategy', 'replace');
  await product.aws.idle();
  expect(await json('retire', 'plan', kmsKeyArn)).toMatchObject({
    state: 'disabled',
    needs: { jobs: [], dataKeys: 0, dataStores: [] },
  });
  expect(await json('keys', 'wayne')).toMatchObject({ keys: [{ state: 'active' }] });
});

test('one person asks for a deletion, only another in another role approves it, and one alone calls it off', async () => {
  const kmsKeyArn = await product.customer('cyberdyne');
  const ann = product.person('ann', 'both');
  const bob = product.person('bob', 'approver');
  const keyState = async () =>
    (await product.kms.send(new DescribeKeyCommand({ KeyId: kmsKeyArn }))).KeyMetadata?.KeyState;
  await json('rotate', 'cyberdyne', '--strategy', 'replace');
  await product.aws.idle();
  await jsonAs(ann, 'retire', 'start', kmsKeyArn, '--disabled-days', '0');
  await product.aws.idle();

  const { hash } = await jsonAs(ann, 'retire', 'certificate', kmsKeyArn);
  const step = [kmsKeyArn, 'schedule-deletion', '--certificate', hash];
  await jsonAs(ann, 'retire', 'request', ...step, '--reason', 'replaced and quiet');
  for (const same of [ann, product.person('bob', 'both'), product.person('ann', 'approver')]) {
    expect(await product.keywright(['retire', 'approve', ...step], same)).toEqual({
      out: '',
      err: expect.stringMatching(/^approval: .*both\/ann has asked for it/),
      exitCode: 2,
    });
  }
  await product.aws.idle();
  expect(await keyState()).toBe('Disabled');

  const approved = await jsonAs(bob, 'retire', 'approve', ...step);
  await product.aws.idle();
  expect(approved).toMatchObject({
    requestedBy: expect.stringMatching(/assumed-role\/both\/ann$/),
    approvedBy: expect.stringMatching(/assumed-role\/approver\/bob$/),
  });
  expect(await keyState()).toBe('PendingDeletion');
  expect(await json('retire', 'status', '--customer', 'cyberdyne')).toMatchObject({
    retirements: [{ kmsKeyArn, stage: 'deletion-scheduled', until: expect.stringMatching(/^20/) }],
  });

  await jsonAs(ann, 'retire', 'undo', kmsKeyArn, 'schedule-deletion', '--reason', 'wait a month');
  expect(await keyState()).toBe('Disabled');
  await jsonAs(ann, 'retire', 'undo', kmsKeyArn, 'disable', '--reason', 'an export needs it');
  expect(await keyState()).toBe('Enabled');
});

test('a certificate is written to a file and verified without the API, by the public key of the signing key', async () => {
  const kmsKeyArn = await product.customer('tyrell');
  await json('rotate', 'tyrell', '--strategy', 'replace');
  await product.aws.idle();
  const file = join(folder, 'key.cert');
  await json('retire', 'certificate', kmsKeyArn, '--out', file);

  const signer = kmsCheckpointSigner(product.kms, product.outputs['AuditSigningKeyArn'] ?? '');
  const publicKey = verifierKey('keywright/audit/tyrell', await signer.publicKey());
  const report = await json('retire', 'verify', file, '--key', publicKey, '--kms-key', kmsKeyArn);

  expect(report).toMatchObject({ ok: true, certificate: { verdict: 'safe-to-disable', kmsKeyArn } });
});

test('a backup that needs a disabled key is declared, and the key is in use again', async () => {
  const kmsKeyArn = await product.customer('weyland');
  await json('rotate', 'weyland', '--strategy', 'replace');
  await product.aws.idle();
  const declare = ['backup', 'declare', 'dump', '--key', kmsKeyArn, '--description', 'a dump'];

  await json(...declare, '--retain-until', '2100-01-01T00:00:00.000Z');

  expect(await json('retire', 'plan', kmsKeyArn)).toMatchObject({ state: 'retiring', needs: { backups: ['dump'] } });
  expect(await json('backup', 'list', kmsKeyArn)).toMatchObject({ backups: [{ backupId: 'dump', state: 'kept' }] });
  expect(await json('backup', 'release', 'dump')).toMatchObject({ state: 'released' });
});

test('a rotation that is only tried begins nothing', async () => {
  await product.customer('stark');

  expect(await json('rotate', 'stark', '--dry-run')).toMatchObject({ would: 'begin', strategy: 'kms-on-demand' });
  expect(await json('rotations', 'stark')).toEqual({ rotations: [], more: false });
});

test('a key is named by its ARN, by its alias or by its customer', async () => {
  const kmsKeyArn = await product.customer('initech');
  const answers = [];
  for (const name of [kmsKeyArn, 'alias/keywright/initech', 'initech']) answers.push(await json('rotate', name));

  expect(new Set(answers.map((rotation) => rotation.kmsKeyArn))).toEqual(new Set([kmsKeyArn]));
  // Asked for again while it is open, it is the same rotation.
  expect(new Set(answers.map((rotation) => rotation.rotationId)).size).toBe(1);
});

test.each([
  [['rotate', 'nobody'], /^key: no customer nobody/],
  [['rotate', 'alias/keywright/nothing'], /^key: our account has no alias\/keywright\/nothing/],
  [['rotate', 'arn:aws:kms:eu-central-1:111122223333:key/none'], /^key: .* is not registered/],
  [['rotations'], /^key: is missing/],
  [['policy', 'set', 'globex', '--strategy', 'kms-automatic', '--period-days', '30'], /^periodDays: .* 90 to 2560/],
  [['policy', 'set', '--strategy', 'replace', '--period-days', '30'], /^key: a rule is for one/],
  [
    ['policy', 'set', 'globex', '--strategy', 'replace', '--period-days', '30', '--deletion-window-days', '3'],
    /^retirement\.waitingDays: .* from 7 to 30/,
  ],
  [['reencrypt', 'watch', 'no-such-job'], /there is no job no-such-job/],
  [['reencrypt', 'priority', 'no-such-job', 'deadline'], /there is no job no-such-job/],
  [['retire', 'start', 'globex'], /^key: it is in use\. Rotate it/],
  [['retire', 'certificate', 'globex'], /^key: the retirement of \S+ has not begun/],
  [['retire', 'approve', 'globex', 'disable', '--certificate', 'abc'], /^certificateHash: must be the hash/],
  [['backup', 'release', 'never-declared'], /^backupId: nobody declared/],
  [['quota', 'set', 'globex', '--reserved', '50000'], /^reserved: .* less than the quota/],
  [['quota', 'set', 'globex', '--per-second', '0'], /^perSecond: .* at least 1/],
])('%j is refused with the field and the way out, and exit code 2', async (args, message) => {
  const { err, ...rest } = await product.keywright(args);
  // A refusal is wrapped for people.
  expect({ ...rest, err: err.replaceAll('\n', ' ') }).toEqual({
    out: '',
    err: expect.stringMatching(message),
    exitCode: 2,
  });
});

test('with --json a refusal is JSON as well', async () => {
  const { out, exitCode } = await product.keywright(['rotate', 'nobody', '--json']);

  expect(JSON.parse(out)).toEqual({
    error: { code: 'state.not-found', field: 'key', message: expect.stringContaining('nobody') },
  });
  expect(exitCode).toBe(2);
});

test('whoever has the operator’s policy operates it, by a session of a role as well', async () => {
  await product.customer('hooli');

  expect(await product.keywright(['rotations', 'hooli'], product.person('ada'))).toMatchObject({ exitCode: 0 });
});

test('nobody else does: a role without permission, a wrong secret, an unknown key, no signature', async () => {
  const { accessKeyId } = product.aws.credentials('111122223333');
  const strangers = [
    product.person('eve', 'stranger'),
    product.person('bob', 'approver'),
    { accessKeyId, secretAccessKey: 'guessed' },
    { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'guessed' },
  ];
  for (const stranger of strangers) {
    const { err, exitCode } = await product.keywright(['rotations', 'hooli', '--api', product.apiUrl], stranger);
    expect(exitCode).toBe(2);
    expect(err).toContain('403');
  }
  const unsigned = await fetch(new URL('list-rotations', product.apiUrl), { method: 'POST', body: '{"key":"hooli"}' });
  expect(unsigned.status).toBe(403);
});
