/** Probes on a KMS that works: what is kept of a key's materials, and what is found when one is gone. */
import { findingOf } from '../../../../shared/domain/availability/key-evidence';
import { canaryContextOf, observeKey } from '../../../../shared/domain/availability/observe-key';
import { probeKeys } from '../../../../shared/domain/availability/probe-keys';
import { KeywrightError } from '../../../../shared/domain/errors';
import type { KmsKey } from '../../../../shared/domain/keys/kms-key';
import { after, aKmsKey, anArn, aWatch, countedIds, NOW, noPause, OUR_ACCOUNT, silentLog } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { type MemoryKmsOptions, memoryKms } from '../../../support/memory-kms';
import { memoryRoles } from '../../../support/memory-roles';

const hours = (count: number): string => after(count * 3_600_000);

async function world(options: MemoryKmsOptions = {}) {
  const control = memoryControlStore();
  const time = { now: NOW };
  const clock = { now: () => time.now };
  const kms = memoryKms({ now: clock.now, ...options });
  const keyMaterialId = kms.given(anArn());
  const key: KmsKey = aKmsKey({ keyMaterialId });
  const { wrapped } = await kms.generateWrapped(key, canaryContextOf(key));
  control.given('kms-key', key);
  control.given('key-watch', aWatch({ canary: { wrapped, keyMaterialId } }));
  const ports = { control, clock, ids: countedIds(), log: silentLog, pause: noPause, ownAccountId: OUR_ACCOUNT };
  const all = { ...ports, crypto: kms, observer: kms, prover: kms, roles: memoryRoles() };
  const probe = async (now: string) => {
    time.now = now;
    await probeKeys(all);
    return watch();
  };
  const watch = () => {
    const [row] = control.all('key-watch');
    if (!row) throw new Error('no watch');
    return row;
  };
  return { control, kms, key, time, ports: all, probe, watch, oldest: keyMaterialId };
}

test('a key of one material has one canary', async () => {
  const { probe, oldest } = await world();

  const watch = await probe(NOW);

  expect([watch.canary.keyMaterialId, watch.newestCanary]).toEqual([oldest, undefined]);
});

test('after a rotation the next full look keeps a canary under the newest material, and the first one as it was', async () => {
  const { kms, key, probe, oldest } = await world();
  const before = await probe(NOW);
  const newest = kms.rotate(key.kmsKeyArn);

  const watch = await probe(hours(1));

  expect(watch.canary).toEqual(before.canary);
  expect(watch.newestCanary?.keyMaterialId).toBe(newest);
  const opened = await kms.unwrap(key, watch.newestCanary?.wrapped ?? new Uint8Array(), canaryContextOf(key));
  const first = await kms.unwrap(key, watch.canary.wrapped, canaryContextOf(key));
  expect([opened.keyMaterialId, first.keyMaterialId]).toEqual([newest, oldest]);
  expect(opened.plaintext).toEqual(first.plaintext);

  const again = kms.rotate(key.kmsKeyArn);
  expect((await probe(hours(2))).newestCanary?.keyMaterialId).toBe(again);
});

test('KMS that shows a rotation late, here and there, leaves no canary under what is older', async () => {
  let isLate = false;
  const { kms, key, probe, time } = await world({ lags: () => isLate });
  await probe(NOW);
  const newest = kms.rotate(key.kmsKeyArn);
  expect((await probe(hours(1))).newestCanary?.keyMaterialId).toBe(newest);

  time.now = hours(2);
  const later = kms.rotate(key.kmsKeyArn);
  isLate = true;
  expect((await probe(hours(2))).newestCanary?.keyMaterialId).toBe(newest);
  isLate = false;
  expect((await probe(hours(3))).newestCanary?.keyMaterialId).toBe(later);
});

test('KMS that tells of new material and wraps under the old one is asked again', async () => {
  const { kms, key, probe, ports, time, oldest, watch } = await world();
  await probe(NOW);
  const newest = kms.rotate(key.kmsKeyArn);
  const late = async () => ({ kmsKeyArn: key.kmsKeyArn, keyMaterialId: oldest, wrapped: new Uint8Array([1]) });
  time.now = hours(1);
  await probeKeys({ ...ports, crypto: { ...kms, reencrypt: late } });
  expect(watch()).not.toHaveProperty('newestCanary');

  expect((await probe(hours(2))).newestCanary?.keyMaterialId).toBe(newest);
});

test('material that cannot be wrapped under is no loss: the next full look tries again', async () => {
  const { control, kms, key, probe, ports, time } = await world();
  await probe(NOW);
  kms.rotate(key.kmsKeyArn);
  time.now = hours(1);
  const reencrypt = async () => Promise.reject(new KeywrightError('kms.throttled', 'slow down'));
  await probeKeys({ ...ports, crypto: { ...kms, reencrypt } });

  expect(control.all('key-watch')[0]).toMatchObject({ availability: 'available', fullLookAt: time.now });
  expect(control.all('key-watch')[0]).not.toHaveProperty('newestCanary');
});

describe('imported material that is gone', () => {
  const lostAfter = async (validTo: string | undefined, lostAt: string) => {
    const { kms, key, probe, watch, ports, time, oldest } = await world();
    kms.describeAs(key.kmsKeyArn, { origin: 'EXTERNAL', ...(validTo && { validTo }) });
    await probe(NOW);
    kms.loseMaterial(key.kmsKeyArn, oldest);
    time.now = lostAt;
    return { finding: findingOf(await observeKey(key, watch(), ports)), oldest };
  };

  test.each<[string, string | undefined, string]>([
    ['key-material-expired', hours(1), hours(1)],
    ['key-material-deleted', hours(30 * 24), hours(1)],
    ['key-material-deleted', undefined, hours(1)],
  ])('is %s, by what was seen while the key was well, and the material is named', async (cause, validTo, lostAt) => {
    const { finding, oldest } = await lostAfter(validTo, lostAt);

    expect(finding).toMatchObject({ availability: 'unavailable', cause, party: 'provider', confidence: 'likely' });
    expect(finding.says).toContain(`(material ${oldest})`);
  });

  test('of a key that nobody saw well is one or the other', async () => {
    const { kms, key, watch, ports, oldest } = await world();
    kms.loseMaterial(key.kmsKeyArn, oldest);

    expect(findingOf(await observeKey(key, watch(), ports))).toMatchObject({ cause: 'key-material-missing' });
  });

  test('of which one, an older one, is enough: the key serves nothing', async () => {
    const { kms, key, probe, watch, ports, oldest } = await world();
    await probe(NOW);
    kms.rotate(key.kmsKeyArn);
    await probe(hours(1));
    kms.loseMaterial(key.kmsKeyArn, oldest);

    const finding = findingOf(await observeKey(key, watch(), ports));

    expect(finding.cause).toBe('key-material-deleted');
    expect(finding.says).toContain(`(material ${oldest})`);
  });

  test('is told a day before it expires', async () => {
    const { kms, key, watch, ports } = await world();
    kms.describeAs(key.kmsKeyArn, { origin: 'EXTERNAL', validTo: hours(24) });
    expect(findingOf(await observeKey(key, watch(), ports))).toMatchObject({
      availability: 'at-risk',
      cause: 'key-material-expiring',
    });

    kms.describeAs(key.kmsKeyArn, { origin: 'EXTERNAL', validTo: hours(25) });
    expect(findingOf(await observeKey(key, watch(), ports)).availability).toBe('available');
  });
});
