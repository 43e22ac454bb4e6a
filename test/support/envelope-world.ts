/** The envelope library on stores and a KMS in memory, with a clock that a test moves and every call of KMS counted. */
import { createEnvelope, type EnvelopeOptions, type EnvelopePorts } from 'keywright-envelope/envelope';
import type { KeyUse } from 'keywright-envelope/key-reports';
import { aDataStore, aKmsKey, anArn, countedIds, NOW } from './make';
import { memoryControlStore } from './memory-control-store';
import { memoryDataKeyStore } from './memory-data-key-store';
import { memoryKms } from './memory-kms';

export const PLACE = { customerId: 'acme', dataStoreId: 'documents' };
export const MINUTE_MS = 60_000;

export function envelopeWorld() {
  const control = memoryControlStore();
  const dataKeys = memoryDataKeyStore(control);
  const kms = memoryKms();
  const ids = countedIds();
  const calls: string[] = [];
  const failures: string[] = [];
  /** Every plaintext data key that KMS gave, as it was. */
  const secrets: Buffer[] = [];
  let nowMs = Date.parse(NOW);

  const crypto: Pick<typeof kms, 'generate' | 'unwrap'> = {
    async generate(key, context) {
      calls.push('generate');
      const answer = await kms.generate(key, context);
      secrets.push(Buffer.from(answer.plaintext));
      return answer;
    },
    async unwrap(key, wrapped, context) {
      calls.push('unwrap');
      const answer = await kms.unwrap(key, wrapped, context);
      secrets.push(Buffer.from(answer.plaintext));
      return answer;
    },
  };

  const ports = {
    control,
    dataKeys,
    crypto,
    ids,
    nowMs: () => nowMs,
    reports: {
      failed: (_use: KeyUse, kmsKeyArn: string, failure: string) => void failures.push(`${kmsKeyArn} ${failure}`),
      worked: () => undefined,
    },
    wait: async () => undefined,
  };

  return {
    ...ports,
    kms,
    ports,
    calls,
    failures,
    secrets,
    pass(ms: number) {
      nowMs += ms;
    },
    /** A data store under a KMS key of that name, which is registered if it is new: theirs if it has their name, else shared. */
    store({ customerId, dataStoreId } = PLACE, keyName = customerId): string {
      const kmsKeyArn = anArn(keyName);
      if (!kms.arns().includes(kmsKeyArn)) {
        const keyMaterialId = kms.given(kmsKeyArn);
        const { customerId: _one, ...shared } = aKmsKey({ kmsKeyArn, option: 'managed', keyMaterialId, revision: 1 });
        control.given('kms-key', keyName === customerId ? aKmsKey({ ...shared, customerId }) : shared);
      }
      control.given('data-store', aDataStore({ customerId, dataStoreId, kmsKeyArn, revision: 1 }));
      return kmsKeyArn;
    },
    /** A process of its own: nothing is kept yet. */
    process: (options?: EnvelopeOptions, replaced: Partial<EnvelopePorts> = {}) =>
      createEnvelope({ ...ports, ...replaced }, options),
    /** Wraps every data key anew under another KMS key, as a job does. */
    async moveTo(toName: string): Promise<string> {
      const to = aKmsKey({ kmsKeyArn: anArn(toName) });
      for (const dataKey of dataKeys.all()) {
        const context = contextOf(dataKey);
        const anew = await kms.reencrypt(aKmsKey({ kmsKeyArn: dataKey.kmsKeyArn }), to, dataKey.wrapped, context);
        await dataKeys.replace({ ...dataKey, ...anew });
      }
      return to.kmsKeyArn;
    },
  };
}

const contextOf = (name: { customerId: string; dataStoreId: string; dataKeyId: string }) => ({
  'keywright:customerId': name.customerId,
  'keywright:dataStoreId': name.dataStoreId,
  'keywright:dataKeyId': name.dataKeyId,
});

/** The error that a call must end with. */
export async function refusalOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => {
      throw new Error('the call was not refused');
    },
    (error: unknown) => error,
  );
}
