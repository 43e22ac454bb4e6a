/**
 * The `customer` strategy: the key is in their account, and only they can rotate it. They are asked in their audit stream.
 * Whether they did it, KMS shows when the key is looked at.
 */

import { customerRotationRequested } from '../../../../events/customer-rotation-requested';
import { newFact } from '../../outbox/new-fact';
import { askAgain, TIMES_MAX } from './remind-customer';
import type { Progress, RotatePorts, RotationContext } from './strategy';

/** `customer`: they rotate their key themselves, and are asked and reminded. Safe to repeat. */
export async function askCustomer(open: RotationContext, ports: RotatePorts): Promise<Progress> {
  const { rotationId, kmsKeyArn } = open.rotation;
  const { customerId } = open.key;
  if (customerId === undefined) {
    return { kind: 'blocked', reason: 'The key belongs to no customer who could be asked. Use another strategy.' };
  }
  const fact = (times: number) =>
    newFact(customerRotationRequested, ports, {
      rotationId,
      kmsKeyArn,
      customerId,
      times,
      timesMax: TIMES_MAX,
    });
  const unanswered = `The customer was asked ${TIMES_MAX} times to rotate the key in their account, and has not. Talk to them: the rotation is followed by itself.`;
  return askAgain(open, { fact, unanswered }, ports);
}
