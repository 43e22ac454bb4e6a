/** What people ask for while a key is away. */
import type { Cause } from '../../../../shared/domain/availability/verdict';
import { declareCompromise } from '../../../../shared/domain/compromise/declare-compromise';
import type { KmsKey } from '../../../../shared/domain/keys/kms-key';
import { requestReencryption } from '../../../../shared/domain/reencryption/request-reencryption';
import { retryReencryption } from '../../../../shared/domain/reencryption/retry-reencryption';
import { requestRotation } from '../../../../shared/domain/rotation/request-rotation';
import { aMaterial, anArn, aRotation, aWatch, NOW } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';

const kmsKeyArn = anArn();

function away(
  fields: Partial<KmsKey> = {},
  { cause = 'key-disabled', availability = 'unavailable' as 'unavailable' | 'at-risk' }: Partial<Loss> = {},
): RotationWorld {
  const world = rotationWorld();
  world.givenKey(fields);
  const verdict = { availability, cause, evidence: 'the key is disabled', at: NOW };
  const lost = { availability, verdict, openIncidentId: 'incident-1' };
  world.control.given('key-watch', aWatch({ kmsKeyArn: fields.kmsKeyArn ?? kmsKeyArn, ...lost }));
  return world;
}

interface Loss {
  readonly cause: Cause;
  readonly availability: 'unavailable' | 'at-risk';
}

const refusedWith = (field: string, ...parts: readonly string[]) => ({
  code: 'state.forbids',
  message: expect.stringMatching(new RegExp(`^${field}: .*${[...parts, 'keywright explain incident-1'].join('.*')}`)),
  details: expect.objectContaining({ field, incidentId: 'incident-1' }),
});

/** Nothing was touched. */
function nothingOf(world: RotationWorld): void {
  expect(world.facts()).toEqual([]);
  expect(world.control.all('reencryption-job')).toEqual([]);
}

describe('a rotation', () => {
  test.each(['kms-automatic', 'kms-on-demand', 'imported-material'] as const)(
    'by %s is refused while the key is away, tried or meant, with the incident and the way out',
    async (strategy) => {
      for (const dryRun of [true, false]) {
        const world = away();

        const asked = requestRotation({ kmsKeyArn, strategy, dryRun }, world.ports);

        await expect(asked).rejects.toMatchObject(refusedWith('kmsKeyArn', 'once it is back', 'replace'));
        nothingOf(world);
        expect(world.control.all('rotation')).toEqual([]);
      }
    },
  );

  test('by replacing a key of ours goes on without it: what is new is protected again', async () => {
    const world = away();

    const rotation = await requestRotation({ kmsKeyArn, strategy: 'replace' }, world.ports);

    expect(rotation).toMatchObject({ strategy: 'replace', state: 'requested' });
  });

  test('of a customer’s key is theirs, and refused', async () => {
    const world = away({ option: 'customer-managed' });

    const asked = requestRotation({ kmsKeyArn, strategy: 'customer' }, world.ports);

    await expect(asked).rejects.toMatchObject({
      ...refusedWith('kmsKeyArn'),
      message: expect.not.stringContaining('replace'),
    });
  });

  test('of a key that is gone is refused by every strategy: no other can be made like it', async () => {
    const world = away({}, { cause: 'key-deleted' });

    await expect(requestRotation({ kmsKeyArn, strategy: 'replace' }, world.ports)).rejects.toMatchObject({
      ...refusedWith('kmsKeyArn'),
      message: expect.not.stringContaining('replace'),
    });
  });

  test('that is open is not asked for again while the key is away, nor another offered', async () => {
    const world = away({ openRotationId: 'rotation-1' });
    world.control.given('rotation', aRotation({ strategy: 'kms-on-demand' }));

    const asked = requestRotation({ kmsKeyArn, strategy: 'replace' }, world.ports);

    await expect(asked).rejects.toMatchObject({ message: expect.not.stringContaining('replace') });
    nothingOf(world);
  });

  test.each([
    ['is at risk', 'at-risk'],
    ['is available again', 'available'],
  ] as const)('of a key that %s is accepted', async (_, availability) => {
    const world = away();
    world.control.given('key-watch', aWatch({ availability }));

    expect(await requestRotation({ kmsKeyArn }, world.ports)).toMatchObject({ state: 'requested' });
  });
});

describe('a re-encryption', () => {
  test.each([true, false])('from a key that is away is refused (dry run: %s)', async (dryRun) => {
    const world = away();

    const asked = requestReencryption({ kmsKeyArn, dryRun }, world.ports);

    await expect(asked).rejects.toMatchObject(refusedWith('kmsKeyArn', 'once it is back'));
    nothingOf(world);
  });

  test('from a key that is away is refused to another key too: KMS would have to open what is under it', async () => {
    const world = away();
    world.givenKey({ kmsKeyArn: anArn('to') });

    const asked = requestReencryption({ kmsKeyArn, toKmsKeyArn: anArn('to') }, world.ports);

    await expect(asked).rejects.toMatchObject(refusedWith('kmsKeyArn'));
    nothingOf(world);
  });

  test('to a key that is away is refused, naming the target', async () => {
    const world = away({ kmsKeyArn: anArn('to') });
    world.givenKey();

    const asked = requestReencryption({ kmsKeyArn, toKmsKeyArn: anArn('to') }, world.ports);

    await expect(asked).rejects.toMatchObject(refusedWith('toKmsKeyArn'));
    nothingOf(world);
  });

  test('that is tried again is refused like a new one', async () => {
    const world = away();
    const keys = { kmsKeyArn, keyMaterialId: aMaterial(1), toKmsKeyArn: kmsKeyArn, toKeyMaterialId: aMaterial(2) };
    const counts = { total: 1, reencrypted: 0, quarantined: 1, revision: 1 };
    world.control.given('reencryption-job', {
      jobId: 'job',
      ...keys,
      state: 'done',
      ...counts,
      startedAt: NOW,
      dueAt: NOW,
    });

    await expect(retryReencryption('job', world.ports)).rejects.toMatchObject(refusedWith('kmsKeyArn'));
  });
});

test('a compromise is declared although the key is away: what contains it does without, and waits for nobody', async () => {
  const world = away();

  const declared = await declareCompromise({ kmsKeyArn, reason: 'leaked', by: 'ann' }, world.ports);

  expect(declared).toMatchObject({ compromise: { kmsKeyArn, state: 'open' } });
});
