/** The promises of `MaterialImporter`, for every implementation of it. */
import { randomBytes } from 'node:crypto';
import type { KeyRef } from '../../shared/domain/keys/kms-key';
import type { KeyObserver } from '../../shared/domain/keys/ports';
import type { MaterialImporter } from '../../shared/domain/rotation/import-material';
import { anArn } from '../support/make';

export interface ImporterScene {
  readonly importer: MaterialImporter;
  readonly observer: Pick<KeyObserver, 'describe' | 'waitingMaterial'>;
  /** A new key whose material is imported, and which has its first. */
  newKey(): Promise<KeyRef>;
}

export function materialImporterContract(open: () => Promise<ImporterScene>): void {
  test('what is imported waits as new material of its key, beside the current one', async () => {
    const { importer, observer, newKey } = await open();
    const key = await newKey();
    const { keyMaterialId } = await observer.describe(key);

    await importer.importNew(key, randomBytes(32));

    const waiting = await observer.waitingMaterial(key);
    expect(waiting).toMatch(/^[0-9a-f]{64}$/);
    expect(waiting).not.toBe(keyMaterialId);
    expect((await observer.describe(key)).keyMaterialId).toBe(keyMaterialId);
  });

  test('importing leaves the bytes as they were: whoever brought them wipes them', async () => {
    const { importer, newKey } = await open();
    const material = randomBytes(32);
    const before = Buffer.from(material);

    await importer.importNew(await newKey(), material);

    expect(material.equals(before)).toBe(true);
  });

  test('nothing is imported into a key that nobody made', async () => {
    const { importer } = await open();
    const nobody: KeyRef = { kmsKeyArn: anArn('00000000-0000-0000-0000-000000000000'), access: { via: 'key-policy' } };

    await expect(importer.importNew(nobody, randomBytes(32))).rejects.toMatchObject({ code: 'kms.key-not-found' });
  });
}
