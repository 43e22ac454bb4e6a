/** Counts data keys by their wrapping, and has them wrapped anew. */
import * as z from 'zod/mini';
import { censusOf } from '../reencrypt-data-keys/census';
import { type RequestPorts, requestReencryption } from '../reencrypt-data-keys/request-reencryption';
import { dryRun, keyName, priority, workWindow } from './fields';
import { type FindKeyPorts, findKey } from './find-key';
import { defineOperation } from './operation';

export const startReencryptionOperation = defineOperation(
  'start-reencryption',
  { key: keyName, priority: z.optional(priority), window: z.optional(workWindow), dryRun },
  async ({ key, ...input }, _caller, ports: FindKeyPorts & RequestPorts) => {
    const { kmsKeyArn } = await findKey(key, ports);
    return requestReencryption({ ...input, kmsKeyArn, dryRun: input.dryRun === true }, ports);
  },
);

export const censusOperation = defineOperation(
  'census',
  { key: keyName },
  async (input, _caller, ports: FindKeyPorts & RequestPorts) => {
    const key = await findKey(input.key, ports);
    return { kmsKeyArn: key.kmsKeyArn, census: await censusOf(key, ports) };
  },
);
