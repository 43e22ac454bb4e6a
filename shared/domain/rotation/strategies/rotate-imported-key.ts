/**
 * The `imported-material` strategy: an operator imports new material, KMS rotates to it on demand.
 *
 * The material never comes near us: KMS says that some is waiting. Material that expires is reported of in time.
 */

import { keyMaterialExpiring } from '../../../../events/key-material-expiring';
import { keyMaterialRequested } from '../../../../events/key-material-requested';
import { later } from '../../instants';
import { toObserve } from '../../keys/kms-key';
import { newFact } from '../../outbox/new-fact';
import { unfitFor } from '../rotation-limits';
import { EXPIRY_LEAD_MS } from '../rotation-rule';
import { askAgain, TIMES_MAX } from './remind-customer';
import { rotateOnDemand } from './rotate-key-on-demand';
import type { Progress, RotatePorts, RotationContext } from './strategy';

/** `imported-material`: an operator is asked for new material; once it is there KMS rotates to it. Safe to repeat. */
export async function rotateImported(open: RotationContext, ports: RotatePorts): Promise<Progress> {
  const { rotation, key } = open;
  const description = await ports.observer.describe(toObserve(key));
  const unfit = unfitFor('imported-material', description);
  if (unfit !== undefined) return { kind: 'blocked', reason: unfit };

  const reported = await reportExpiry(open, description.validTo, ports);
  if ((await ports.observer.waitingMaterial(toObserve(key))) !== undefined) return rotateOnDemand(reported, ports);
  if (rotation.askedAt !== undefined && (await ports.observer.rotationStatus(toObserve(key))).inProgress) {
    return { kind: 'waiting' };
  }
  return askForMaterial(reported, description.validTo, ports);
}

/** Says once for each date that material expires on it. */
async function reportExpiry(
  open: RotationContext,
  expiresAt: string | undefined,
  ports: RotatePorts,
): Promise<RotationContext> {
  const { rotation } = open;
  const now = ports.clock.now();
  const isSoon = expiresAt !== undefined && later(expiresAt, -EXPIRY_LEAD_MS) <= now;
  if (!isSoon || rotation.expiryReported === expiresAt) return open;

  const { kmsKeyArn, customerId } = rotation;
  const fact = newFact(keyMaterialExpiring, ports, { at: now, kmsKeyArn, customerId, expiresAt });
  const row = { ...rotation, expiryReported: expiresAt };
  await ports.control.commit({ writes: [{ entityType: 'rotation', row }], facts: [fact] });
  return { ...open, rotation: { ...row, revision: row.revision + 1 } };
}

function askForMaterial(open: RotationContext, expiresAt: string | undefined, ports: RotatePorts): Promise<Progress> {
  const { rotationId, kmsKeyArn, customerId } = open.rotation;
  const fact = (times: number) =>
    newFact(keyMaterialRequested, ports, {
      rotationId,
      kmsKeyArn,
      customerId,
      expiresAt,
      times,
      timesMax: TIMES_MAX,
    });
  const unanswered = `New key material was asked for ${TIMES_MAX} times, and none was imported. Import it as new material: it is rotated to by itself.`;
  return askAgain(open, { fact, unanswered }, ports);
}
