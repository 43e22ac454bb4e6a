/** Data keys by KMS. Every call states the encryption context and the key's full ARN: KMS refuses what does not fit. */
import {
  DecryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  ReEncryptCommand,
} from '@aws-sdk/client-kms';
import { KeywrightError } from '../domain/errors';
import type { KeyRef } from '../domain/keys/kms-key';
import { readableIn } from '../domain/keys/multi-region-key';
import type { Context, DataKeyCrypto, Wrapping } from '../domain/keys/ports';
import { callerFor } from '../domain/reencryption/quota/kms-quota';
import type { KmsClients } from './kms-clients';
import { askKms } from './kms-errors';

/** Data keys made and moved by KMS, each call with its encryption context. */
export function kmsDataKeyCrypto(clients: KmsClients): DataKeyCrypto {
  return {
    async generate(key, context) {
      const request = new GenerateDataKeyCommand(newDataKey(key, context));
      const answer = await askKms('GenerateDataKey', about(key), () => clients.of(key).send(request));
      return {
        plaintext: given(answer.Plaintext, 'Plaintext', key),
        wrapped: given(answer.CiphertextBlob, 'CiphertextBlob', key),
        ...wrappingOf(answer, key),
      };
    },

    async generateWrapped(key, context) {
      const request = new GenerateDataKeyWithoutPlaintextCommand(newDataKey(key, context));
      const operation = 'GenerateDataKeyWithoutPlaintext';
      const answer = await askKms(operation, about(key), () => clients.of(key).send(request));
      return { wrapped: given(answer.CiphertextBlob, 'CiphertextBlob', key), ...wrappingOf(answer, key) };
    },

    async unwrap(key, wrapped, context) {
      const request = new DecryptCommand({
        KeyId: key.kmsKeyArn,
        CiphertextBlob: wrapped,
        EncryptionContext: { ...context },
      });
      const answer = await askKms('Decrypt', about(key), () => clients.of(key).send(request));
      return { plaintext: given(answer.Plaintext, 'Plaintext', key), ...wrappingOf(answer, key) };
    },

    async reencrypt(from, to, wrapped, context) {
      const source = readableIn(to, from) ?? otherRegion(from, to);
      const request = new ReEncryptCommand({
        CiphertextBlob: wrapped,
        SourceKeyId: source.kmsKeyArn,
        SourceEncryptionContext: { ...context },
        DestinationKeyId: to.kmsKeyArn,
        DestinationEncryptionContext: { ...context },
      });
      const details = { kmsKeyArn: from.kmsKeyArn, toKmsKeyArn: to.kmsKeyArn };
      // Once: what is sent again takes a turn again, and whoever paces requests hears of each that was refused.
      const answer = await askKms('ReEncrypt', details, () => clients.onceOf(callerFor(source, to)).send(request));
      return {
        wrapped: given(answer.CiphertextBlob, 'CiphertextBlob', to),
        kmsKeyArn: given(answer.KeyId, 'KeyId', to),
        keyMaterialId: given(answer.DestinationKeyMaterialId, 'DestinationKeyMaterialId', to),
      };
    },
  };
}

/** 256 bits. */
const newDataKey = (key: KeyRef, context: Context) =>
  ({ KeyId: key.kmsKeyArn, KeySpec: 'AES_256', EncryptionContext: { ...context } }) as const;

const about = ({ kmsKeyArn }: KeyRef) => ({ kmsKeyArn });

function wrappingOf(answer: { KeyId?: string | undefined; KeyMaterialId?: string | undefined }, key: KeyRef): Wrapping {
  return {
    kmsKeyArn: given(answer.KeyId, 'KeyId', key),
    keyMaterialId: given(answer.KeyMaterialId, 'KeyMaterialId', key),
  };
}

/** Symmetric keys answer with all of it. Source: GenerateDataKeyResponse, DecryptResponse and ReEncryptResponse of the SDK. */
function given<Value>(value: Value | undefined, field: string, { kmsKeyArn }: KeyRef): Value {
  if (value !== undefined) return value;
  throw new KeywrightError('kms.unsupported', `KMS answered without ${field}: only symmetric keys serve data keys.`, {
    kmsKeyArn,
    field,
  });
}

/** Source: KMS API reference, ReEncrypt. */
function otherRegion(from: KeyRef, to: KeyRef): never {
  const message = 'KMS re-encrypts within one region: choose a target in the key’s region.';
  throw new KeywrightError('kms.unsupported', message, { kmsKeyArn: from.kmsKeyArn, toKmsKeyArn: to.kmsKeyArn });
}
