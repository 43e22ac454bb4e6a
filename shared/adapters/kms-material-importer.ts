/** Importing key material into KMS. For an operator's own machine: no function of ours has these permissions. */
import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { GetParametersForImportCommand, ImportKeyMaterialCommand } from '@aws-sdk/client-kms';
import { KeywrightError } from '../domain/errors';
import type { MaterialImporter } from '../domain/rotation/import-material';
import type { KmsClients } from './kms-clients';
import { askKms } from './kms-errors';

/** 256 bits fit RSA-OAEP directly. Source: KMS developer guide, "Selecting a wrapping algorithm". */
export const WRAPPING = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_4096' } as const;

/** Imports key material, encrypted for KMS on this machine. */
export function kmsMaterialImporter(clients: KmsClients): MaterialImporter {
  return {
    async importNew(key, material, expiresAt) {
      const { kmsKeyArn } = key;
      const ask = new GetParametersForImportCommand({ KeyId: kmsKeyArn, ...WRAPPING });
      const parameters = await askKms('GetParametersForImport', { kmsKeyArn }, () => clients.of(key).send(ask));
      const { PublicKey, ImportToken } = parameters;
      if (!PublicKey || !ImportToken) {
        throw new KeywrightError('kms.unreachable', 'KMS answered without a key to seal with.', { kmsKeyArn });
      }
      const send = new ImportKeyMaterialCommand({
        KeyId: kmsKeyArn,
        ImportToken,
        EncryptedKeyMaterial: sealedForImport(material, PublicKey),
        // Later imports count as the existing material unless told otherwise.
        ImportType: 'NEW_KEY_MATERIAL',
        ...(expiresAt === undefined
          ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
          : { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date(expiresAt) }),
      });
      await askKms('ImportKeyMaterial', { kmsKeyArn }, () => clients.of(key).send(send));
    },
  };
}

/** The material as KMS takes it. @param spki The public key that KMS gave for it. */
export function sealedForImport(material: Uint8Array, spki: Uint8Array): Uint8Array {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, material);
}
