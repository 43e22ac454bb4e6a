/** Beginning a rotation: the row, the key's fence and the fact as one change. */

import type { RotationStrategy } from '../../../../events/fields';
import { rotationDue } from '../../../../events/rotation-due';
import { DAY_MS, MINUTE_MS } from '../../instants';
import type { KmsKey } from '../../keys/kms-key';
import { transition } from '../../legal-moves';
import { defined } from '../../optional-fields';
import { newFact } from '../../outbox/new-fact';
import type { Change, Clock, Ids } from '../../ports';
import { ROTATION_MOVES, type Rotation } from '../rotation';

/**
 * How long after a rotation was asked for it is looked at again while it is open: what AWS or a customer does by itself
 * takes its time, what we do ourselves is only behind when something went wrong.
 */
export const RECHECK_MS: Readonly<Record<RotationStrategy, number>> = {
  'kms-automatic': DAY_MS,
  'kms-on-demand': 5 * MINUTE_MS,
  replace: 15 * MINUTE_MS,
  'imported-material': DAY_MS,
  customer: DAY_MS,
};

export interface OpenPorts {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** The change that begins a rotation. The key's revision is the fence: of two that begin one, one commits. */
export function openRotation(
  key: KmsKey,
  how: Pick<Rotation, 'strategy' | 'startedBy'>,
  ports: OpenPorts,
): Change & { readonly rotation: Rotation } {
  const rotation = transition(ROTATION_MOVES, undefined, {
    ...how,
    rotationId: ports.ids.next(),
    kmsKeyArn: key.kmsKeyArn,
    ...defined({ customerId: key.customerId }),
    state: 'requested',
    fromKeyMaterialId: key.keyMaterialId,
    requestedAt: ports.clock.now(),
    revision: 0,
  });
  return {
    rotation,
    writes: [
      { entityType: 'rotation', row: rotation },
      { entityType: 'kms-key', row: { ...key, openRotationId: rotation.rotationId } },
    ],
    facts: [dueFact(rotation, ports)],
  };
}

/** `rotation-due.v1` */
export function dueFact(rotation: Rotation, ports: OpenPorts) {
  const { rotationId, kmsKeyArn, strategy } = rotation;
  return newFact(rotationDue, ports, { rotationId, kmsKeyArn, strategy });
}
