/** A key of the provider’s whose material comes from outside KMS, as the scenario needs one: made, and its material put there. */
import { randomBytes } from 'node:crypto';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  type KMSClient,
  NotFoundException,
} from '@aws-sdk/client-kms';
import { sealedForImport, WRAPPING } from '../../shared/adapters/kms-material-importer';
import type { Scene } from './scene';

/** @returns its ARN. Safe to repeat: found by its alias when it exists. */
export async function importedKey(alias: string, scene: Scene): Promise<string> {
  const { kms } = scene;
  const known = await kms.send(new DescribeKeyCommand({ KeyId: alias })).catch((error: unknown) => {
    if (error instanceof NotFoundException) return undefined;
    throw error;
  });
  const { KeyMetadata } = known ?? (await kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL' })));
  const { Arn: kmsKeyArn = '', KeyId } = KeyMetadata ?? {};
  if (!known) await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyId }));
  await importMaterial(kmsKeyArn, scene);
  return kmsKeyArn;
}

/** The same material each time: no other opens what it has closed. It stays on this machine, as all of local AWS does. */
export async function importMaterial(KeyId: string, { kms, notes }: Scene): Promise<void> {
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
  if (KeyMetadata?.KeyState !== 'PendingImport') return;
  const material = notes.once(`material of ${KeyId}`, () => randomBytes(32).toString('base64'));
  await putMaterial(KeyId, Buffer.from(material, 'base64'), kms);
}

/** Into a key that waits for its first material, or for what was deleted. It never expires. */
export async function putMaterial(KeyId: string, material: Uint8Array, kms: KMSClient): Promise<void> {
  const { PublicKey = new Uint8Array(), ImportToken } = await kms.send(
    new GetParametersForImportCommand({ KeyId, ...WRAPPING }),
  );
  await kms.send(
    new ImportKeyMaterialCommand({
      KeyId,
      ImportToken,
      EncryptedKeyMaterial: sealedForImport(material, PublicKey),
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    }),
  );
}

/** Safe to repeat. */
export async function deleteMaterial(KeyId: string, { kms }: Scene): Promise<void> {
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
  if (KeyMetadata?.KeyState === 'Enabled') await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId }));
}
