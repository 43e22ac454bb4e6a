/** Begins a rotation before its time. */
import * as z from 'zod/mini';
import type { ControlStore } from '../ports';
import { requestRotation } from '../rotation/request-rotation';
import type { Rotation } from '../rotation/rotation';
import type { OpenPorts } from '../rotation/strategies/open-rotation';
import { dryRun, keyName, strategy } from './fields';
import { type FindKeyPorts, findKey } from './find-key';
import { defineOperation } from './operation';

export const requestRotationOperation = defineOperation(
  'request-rotation',
  { key: keyName, strategy: z.optional(strategy), dryRun },
  async (input, _caller, ports: FindKeyPorts & OpenPorts & { readonly control: ControlStore }) => {
    const { kmsKeyArn } = await findKey(input.key, ports);
    const asked = { kmsKeyArn, ...(input.strategy && { strategy: input.strategy }), dryRun: input.dryRun === true };
    const rotation = await requestRotation(asked, ports);
    return input.dryRun ? wouldBe(rotation) : rotation;
  },
);

/** A rotation that is not there yet has no id that anybody could use. */
function wouldBe({ rotationId, revision, kmsKeyArn, strategy: by, fromKeyMaterialId }: Rotation): WouldRotate {
  const is = revision === 0 ? ({ would: 'begin' } as const) : ({ would: 'ask-again', rotationId } as const);
  return { ...is, kmsKeyArn, strategy: by, fromKeyMaterialId };
}

export type WouldRotate = Pick<Rotation, 'kmsKeyArn' | 'strategy' | 'fromKeyMaterialId'> &
  ({ readonly would: 'begin' } | { readonly would: 'ask-again'; readonly rotationId: string });
