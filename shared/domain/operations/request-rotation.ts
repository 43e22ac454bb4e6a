/** Begins a rotation before its time. */
import * as z from 'zod/mini';
import type { ControlStore } from '../ports';
import { requestRotation } from '../request-rotation';
import type { OpenPorts } from '../rotate-key/open-rotation';
import { keyName, strategy } from './fields';
import { type FindKeyPorts, findKey } from './find-key';
import { defineOperation } from './operation';

export const requestRotationOperation = defineOperation(
  'request-rotation',
  { key: keyName, strategy: z.optional(strategy) },
  async (input, _caller, ports: FindKeyPorts & OpenPorts & { readonly control: ControlStore }) => {
    const { kmsKeyArn } = await findKey(input.key, ports);
    return requestRotation({ kmsKeyArn, ...(input.strategy && { strategy: input.strategy }) }, ports);
  },
);
