import { LEASE, renewed } from '../../../../../shared/domain/reencryption/quota/lease';
import { findQuota, setQuota } from '../../../../../shared/domain/reencryption/quota/set-quota';
import { rotationWorld } from '../../../../support/rotation-world';

const OWN = 'own/eu-west-3';

test('what a person set counts from the next renewal on, and renewals leave it as it is', async () => {
  const { control, ports } = rotationWorld();
  const use = { quotaId: OWN, jobId: 'a', priority: 'routine' } as const;
  const heard = { calls: 0, throttled: 0, latencyMs: 0 };
  let nowMs = Date.parse(ports.clock.now());
  const renew = async () => {
    nowMs += LEASE.renewMs;
    const wishes = [{ use, wanted: 100_000 }];
    const after = renewed(await findQuota(OWN, ports), { workerId: 'w1', wishes, heard }, nowMs);
    await ports.control.commit({ writes: [{ entityType: 'kms-quota', row: after.quota }], facts: [] });
    return after.grants[0]?.perSecond ?? 0;
  };

  const byDefault = await renew();
  await setQuota(OWN, { perSecond: 1_000, reserved: 900 }, 'ops', ports);
  const small = await renew();
  await setQuota(OWN, { reserved: 0 }, 'ops', ports);
  await renew();

  expect(control.outbox.map(({ detail }) => detail)).toMatchObject([
    { quotaId: OWN, perSecond: 1_000, reserved: 900, by: 'ops' },
    { quotaId: OWN, perSecond: 1_000, reserved: 0, by: 'ops' },
  ]);
  expect(byDefault).toBeGreaterThan(1_000);
  expect(small).toBeLessThan(100);
  expect(await findQuota(OWN, ports)).toMatchObject({ perSecond: 1_000, reserved: 0 });
});

test.each([
  ['perSecond', { perSecond: 0 }],
  ['perSecond', { perSecond: 1.5 }],
  ['reserved', { reserved: -1 }],
  ['reserved', { perSecond: 500, reserved: 500 }],
])('a %s that makes no sense is refused, and nothing is touched', async (field, size) => {
  const { ports } = rotationWorld();

  await expect(setQuota(OWN, size, 'ops', ports)).rejects.toMatchObject({
    code: 'input.invalid',
    message: expect.stringMatching(new RegExp(`^${field}: `)),
  });
  expect(await ports.control.find('kms-quota', OWN)).toBeUndefined();
});
