/** Counts data keys by their wrapping, and has them wrapped anew. */
import * as z from 'zod/mini';
import { type RequestPorts, requestReencryption } from '../reencryption/request-reencryption';
import { retryReencryption } from '../reencryption/retry-reencryption';
import { partsOf } from '../reencryption/select-data-keys';
import { dryRun, id, keyName, priority, workWindow } from './fields';
import { type FindKeyPorts, findKey } from './find-key';
import { defineOperation } from './operation';

export const startReencryptionOperation = defineOperation(
  'start-reencryption',
  {
    key: z.optional(keyName),
    customerId: z.optional(id),
    dataStoreId: z.optional(id),
    keyMaterialId: z.optional(id),
    wrappedBefore: z.optional(id),
    to: z.optional(keyName),
    priority: z.optional(priority),
    window: z.optional(workWindow),
    dryRun,
  },
  async ({ key, to, ...selection }, _caller, ports: FindKeyPorts & RequestPorts) => {
    const kmsKeyArn = key === undefined ? undefined : (await findKey(key, ports)).kmsKeyArn;
    const toKmsKeyArn = to === undefined ? undefined : (await findKey(to, ports, 'to')).kmsKeyArn;
    return { jobs: await requestReencryption({ ...selection, kmsKeyArn, toKmsKeyArn }, ports) };
  },
);

/** Tries again what a job has quarantined, and what has come since. */
export const retryReencryptionOperation = defineOperation(
  'retry-reencryption',
  { jobId: id },
  async ({ jobId }, _caller, ports: FindKeyPorts & RequestPorts) => ({ jobs: await retryReencryption(jobId, ports) }),
);

export const inventoryOperation = defineOperation(
  'inventory',
  { key: z.optional(keyName), customerId: z.optional(id), dataStoreId: z.optional(id) },
  async ({ key, ...selection }, _caller, ports: FindKeyPorts & RequestPorts) => {
    const kmsKeyArn = key === undefined ? undefined : (await findKey(key, ports)).kmsKeyArn;
    const parts = await partsOf({ ...selection, kmsKeyArn }, ports);
    return { parts: parts.map(({ from, only, inventory }) => ({ kmsKeyArn: from.kmsKeyArn, only, inventory })) };
  },
);
