/** The promises of `DataKeyCrypto`, `KeyObserver`, `KeyProver` and `KeyAdministrator`, for every implementation of them. */
import type { KeyRef } from '../../shared/domain/keys/kms-key';
import type { DataKeyCrypto, KeyAdministrator, KeyGrant, KeyObserver, KeyProver } from '../../shared/domain/keys/ports';
import { OUR_ACCOUNT } from '../support/make';

export interface KmsUnderTest extends DataKeyCrypto, KeyObserver, KeyProver, KeyAdministrator {
  /** A new symmetric key that we may use and administer. */
  newKey(): Promise<KeyRef>;
  /** Grants them on the key, in any order. */
  grant(key: KeyRef, grants: readonly KeyGrant[]): Promise<void>;
  /** Lets KMS finish the rotation it was asked for. */
  finishRotation(key: KeyRef): Promise<void>;
  /** Where an alias points. */
  aliasOf(alias: string): Promise<string | undefined>;
}

const CONTEXT = { 'keywright:customerId': 'acme', 'keywright:dataKeyId': 'one' };
const OTHER = { ...CONTEXT, 'keywright:customerId': 'zeta' };

let names = 0;
const unique = (): string => {
  names += 1;
  return `${process.pid}-${names}`;
};

export function kmsPortsContract(open: () => Promise<KmsUnderTest>): void {
  let kms: KmsUnderTest;
  let key: KeyRef;
  beforeEach(async () => {
    kms = await open();
    key = await kms.newKey();
  });

  const rotated = async () => {
    await kms.rotateOnDemand(key);
    await kms.finishRotation(key);
  };

  describe('materials', () => {
    test('those of on-demand rotations are told from the first, the current one last', async () => {
      await rotated();
      await rotated();

      const materials = await kms.materials(key);

      expect(materials.map(({ onDemand = false }) => onDemand)).toEqual([false, true, true]);
      expect(materials.at(-1)?.keyMaterialId).toBe((await kms.describe(key)).keyMaterialId);
    });

    test('of a key that nothing was imported into, none is waiting', async () => {
      expect(await kms.waitingMaterial(key)).toBeUndefined();
    });
  });

  describe('data keys', () => {
    test('a data key is 32 bytes, names the key and its material, and opens under its context', async () => {
      const made = await kms.generate(key, CONTEXT);
      const { plaintext, ...wrapping } = await kms.unwrap(key, made.wrapped, CONTEXT);

      expect(made.plaintext).toHaveLength(32);
      expect(Buffer.from(plaintext).equals(made.plaintext)).toBe(true);
      expect(wrapping).toEqual({ kmsKeyArn: key.kmsKeyArn, keyMaterialId: made.keyMaterialId });
      expect(made.keyMaterialId).toMatch(/^[0-9a-f]{64}$/);
    });

    test('a data key made without its plaintext opens like any other', async () => {
      const made = await kms.generateWrapped(key, CONTEXT);

      expect(made).not.toHaveProperty('plaintext');
      expect((await kms.unwrap(key, made.wrapped, CONTEXT)).plaintext).toHaveLength(32);
    });

    test.each([
      ['another context', OTHER],
      ['a context that lacks a part', { 'keywright:customerId': 'acme' }],
      ['no context', {}],
    ])('a data key does not open under %s', async (_, context) => {
      const { wrapped } = await kms.generate(key, CONTEXT);

      await expect(kms.unwrap(key, wrapped, context)).rejects.toMatchObject({ code: 'kms.ciphertext-refused' });
      await expect(kms.reencrypt(key, key, wrapped, context)).rejects.toMatchObject({ code: 'kms.ciphertext-refused' });
    });

    test('bytes that were changed do not open', async () => {
      const { wrapped } = await kms.generate(key, CONTEXT);
      const changed = Uint8Array.from(wrapped);
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;

      await expect(kms.unwrap(key, changed, CONTEXT)).rejects.toMatchObject({ code: 'kms.ciphertext-refused' });
    });

    test('re-encrypting moves a data key to another KMS key, and it stays the same data key', async () => {
      const target = await kms.newKey();
      const made = await kms.generate(key, CONTEXT);

      const moved = await kms.reencrypt(key, target, made.wrapped, CONTEXT);
      const opened = await kms.unwrap(target, moved.wrapped, CONTEXT);

      expect(moved.kmsKeyArn).toBe(target.kmsKeyArn);
      expect(opened.keyMaterialId).toBe(moved.keyMaterialId);
      expect(Buffer.from(opened.plaintext).equals(made.plaintext)).toBe(true);
    });

    test('re-encrypting within a key moves a data key to its newest material; the old wrapping still opens', async () => {
      const made = await kms.generate(key, CONTEXT);
      await rotated();

      const moved = await kms.reencrypt(key, key, made.wrapped, CONTEXT);

      expect(moved.keyMaterialId).not.toBe(made.keyMaterialId);
      expect(Buffer.from((await kms.unwrap(key, moved.wrapped, CONTEXT)).plaintext).equals(made.plaintext)).toBe(true);
      expect((await kms.unwrap(key, made.wrapped, CONTEXT)).keyMaterialId).toBe(made.keyMaterialId);
    });

    test('a disabled key serves nothing, and is available again when it is enabled', async () => {
      const { wrapped } = await kms.generate(key, CONTEXT);
      await kms.disable(key);

      for (const use of [kms.generate(key, CONTEXT), kms.unwrap(key, wrapped, CONTEXT)]) {
        await expect(use).rejects.toMatchObject({ code: 'kms.key-disabled', retry: false });
      }
      await kms.enable(key);
      expect((await kms.unwrap(key, wrapped, CONTEXT)).plaintext).toHaveLength(32);
    });

    test('a key that awaits its deletion serves nothing', async () => {
      const { wrapped } = await kms.generate(key, CONTEXT);
      await kms.scheduleDeletion(key, 7);

      const use = kms.unwrap(key, wrapped, CONTEXT);

      await expect(use).rejects.toMatchObject({ code: 'kms.key-pending-deletion', retry: false });
    });
  });

  describe('proofs', () => {
    test('what KMS would do is proven, and nothing is done: the key counts as unused', async () => {
      const made = await kms.generateWrapped(key, CONTEXT);
      const before = await kms.lastUse(key);

      await kms.proveGenerate(key, CONTEXT);
      await kms.proveReencrypt(key, made.wrapped, CONTEXT);

      expect(await kms.lastUse(key)).toEqual(before);
    });

    test('what KMS would refuse is refused as the call would be', async () => {
      const { wrapped } = await kms.generateWrapped(key, CONTEXT);

      await expect(kms.proveReencrypt(key, wrapped, OTHER)).rejects.toMatchObject({ code: 'kms.ciphertext-refused' });
      await kms.disable(key);
      for (const proof of [kms.proveGenerate(key, CONTEXT), kms.proveReencrypt(key, wrapped, CONTEXT)]) {
        await expect(proof).rejects.toMatchObject({ code: 'kms.key-disabled', retry: false });
      }
    });

    test('data under older material proves that material, and may be moved to the newest', async () => {
      const { wrapped } = await kms.generateWrapped(key, CONTEXT);
      await rotated();

      await expect(kms.proveReencrypt(key, wrapped, CONTEXT)).resolves.toBeUndefined();
    });
  });

  describe('looking at keys', () => {
    test('a new key is enabled, symmetric, and names its material', async () => {
      expect(await kms.describe(key)).toMatchObject({
        kmsKeyArn: key.kmsKeyArn,
        keyState: 'Enabled',
        keyUsage: 'ENCRYPT_DECRYPT',
        keySpec: 'SYMMETRIC_DEFAULT',
        origin: 'AWS_KMS',
        keyMaterialId: (await kms.generate(key, CONTEXT)).keyMaterialId,
      });
    });

    test('a key that nobody made is not found', async () => {
      const nobody = { ...key, kmsKeyArn: key.kmsKeyArn.replace(/[^/]+$/, '00000000-0000-0000-0000-000000000000') };

      await expect(kms.describe(nobody)).rejects.toMatchObject({ code: 'kms.key-not-found', retry: false });
    });

    test('materials are told from oldest to newest', async () => {
      const first = (await kms.describe(key)).keyMaterialId;
      await rotated();

      const materials = await kms.materials(key);

      expect(materials.map(({ keyMaterialId }) => keyMaterialId)).toEqual([
        first,
        (await kms.describe(key)).keyMaterialId,
      ]);
      expect(materials.map(({ rotatedAt }) => rotatedAt !== undefined)).toEqual([false, true]);
    });

    test('the last use of a key is told, and of one that nobody used there is none', async () => {
      const before = await kms.lastUse(key);
      await kms.generateWrapped(key, CONTEXT);

      expect(before.usedAt).toBeUndefined();
      expect((await kms.lastUse(key)).usedAt).toMatch(/^\d{4}-.*Z$/);
    });

    test('a key has no grants until somebody grants them, and then all of them', async () => {
      const before = await kms.grants(key);
      const grantee = `arn:aws:iam::${OUR_ACCOUNT}:root`;
      const some = {
        grantee,
        operations: ['Decrypt', 'GenerateDataKey'],
        contextSubset: { 'keywright:customerId': 'a' },
      };
      // More than a page of them.
      const many = Array.from({ length: 120 }, () => ({ grantee, operations: ['DescribeKey'] }));
      await kms.grant(key, [some, { grantee, operations: ['Encrypt'], contextEquals: CONTEXT }, ...many]);

      const grants = await kms.grants(key);

      expect(before).toEqual([]);
      expect(grants).toHaveLength(122);
      expect(grants).toContainEqual(some);
      expect(grants).toContainEqual({ grantee, operations: ['Encrypt'], contextEquals: CONTEXT });
    });

    test('a key has a policy', async () => {
      expect(JSON.parse(await kms.policy(key))).toHaveProperty('Version');
    });
  });

  describe('changing keys', () => {
    test('a policy that is put is the policy from then on, however often', async () => {
      const { Statement, ...rest } = JSON.parse(await kms.policy(key));
      const changed = { ...rest, Statement: [...[Statement].flat(), { ...[Statement].flat()[0], Sid: 'Another' }] };
      await kms.setPolicy(key, JSON.stringify(changed));
      await kms.setPolicy(key, JSON.stringify(changed));

      expect(JSON.parse(await kms.policy(key))).toEqual(changed);
    });

    test('automatic rotation is enabled with its period, also twice', async () => {
      expect(await kms.rotationStatus(key)).toMatchObject({ automatic: false, inProgress: false });

      await kms.enableAutomaticRotation(key, 180);
      await kms.enableAutomaticRotation(key, 180);

      expect(await kms.rotationStatus(key)).toMatchObject({ automatic: true, periodDays: 180 });
    });

    test('a rotation on demand is in progress until KMS has finished it', async () => {
      await kms.rotateOnDemand(key);
      const during = await kms.rotationStatus(key);
      await kms.finishRotation(key);

      expect([during.inProgress, (await kms.rotationStatus(key)).inProgress]).toEqual([true, false]);
    });

    test('a replacement is another enabled key with the same policy; the same token gives the same key', async () => {
      const token = unique();

      const made = await kms.createReplacement(key, token);
      const again = await kms.createReplacement(key, token);
      const another = await kms.createReplacement(key, unique());

      expect(made).toMatchObject({ keyState: 'Enabled', keySpec: 'SYMMETRIC_DEFAULT' });
      expect(again.kmsKeyArn).toBe(made.kmsKeyArn);
      expect(new Set([key.kmsKeyArn, made.kmsKeyArn, another.kmsKeyArn]).size).toBe(3);
      const replacement = { ...key, kmsKeyArn: made.kmsKeyArn };
      expect(JSON.parse(await kms.policy(replacement))).toEqual(JSON.parse(await kms.policy(key)));
    });

    test('an alias is made where there is none, moved where there is one, and moved twice without harm', async () => {
      const alias = `alias/keywright/${unique()}`;
      const target = await kms.newKey();

      await kms.moveAlias(alias, key);
      const before = await kms.aliasOf(alias);
      await kms.moveAlias(alias, target);
      await kms.moveAlias(alias, target);

      expect([before, await kms.aliasOf(alias)]).toEqual([key.kmsKeyArn, target.kmsKeyArn]);
    });

    test('disabling and enabling twice is the same as once', async () => {
      await kms.disable(key);
      await kms.disable(key);
      const disabled = (await kms.describe(key)).keyState;
      await kms.enable(key);
      await kms.enable(key);

      expect([disabled, (await kms.describe(key)).keyState]).toEqual(['Disabled', 'Enabled']);
    });

    test('a deletion that is scheduled twice keeps its date, and called off twice leaves the key disabled', async () => {
      const date = await kms.scheduleDeletion(key, 7);
      const again = await kms.scheduleDeletion(key, 30);
      const pending = await kms.describe(key);
      await kms.cancelDeletion(key);
      await kms.cancelDeletion(key);

      expect(again).toBe(date);
      expect(pending).toMatchObject({ keyState: 'PendingDeletion', deletionDate: date });
      expect(await kms.describe(key)).toMatchObject({ keyState: 'Disabled' });
    });
  });
}
