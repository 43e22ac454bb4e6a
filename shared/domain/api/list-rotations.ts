/** The rotations of a key, or of every key of a customer: the open and the past, in the order they began. */
import * as z from 'zod/mini';
import type { Rotation } from '../rotation/rotation';
import { id, keyName } from './fields';
import type { FindKeyPorts } from './find-key';
import { listed } from './list';
import { keysMeant } from './list-keys';
import { defineOperation } from './operation';

export const listRotations = defineOperation(
  'list-rotations',
  { key: z.optional(keyName), customerId: z.optional(id) },
  async (input, _caller, ports: FindKeyPorts) => {
    const { rows, more } = await listed(rotationsOf(await keysMeant(input, ports), ports));
    return { rotations: [...rows].sort(byTime), more };
  },
);

async function* rotationsOf(
  keys: readonly { readonly kmsKeyArn: string }[],
  { control }: FindKeyPorts,
): AsyncIterable<Rotation> {
  for (const { kmsKeyArn } of keys) yield* control.ofKmsKey('rotation', kmsKeyArn);
}

const byTime = (a: Rotation, b: Rotation) => (a.requestedAt < b.requestedAt ? -1 : 1);
