/** The facts about a compromise, built from its rows. */
import { compromiseContained } from '../../../events/compromise-contained';
import { compromiseEnded } from '../../../events/compromise-ended';
import { containmentDue } from '../../../events/containment-due';
import { dataStoreExposed } from '../../../events/data-store-exposed';
import type { Fact } from '../../../events/define-event';
import { type FactPorts, newFact } from '../outbox/new-fact';
import type { Compromise, Exposure } from './compromise';

/** `data-store-exposed.v1` */
export function exposedFact({ what, reason, since }: Compromise, exposure: Exposure, ports: FactPorts): Fact {
  const { compromiseId, customerId, dataStoreId, kmsKeyArn } = exposure;
  return newFact(dataStoreExposed, ports, {
    compromiseId,
    customerId,
    dataStoreId,
    what,
    kmsKeyArn,
    reason,
    since,
  });
}

/** `containment-due.v1`, for the next step. */
export function dueFact({ compromiseId, step }: Pick<Compromise, 'compromiseId' | 'step'>, ports: FactPorts): Fact {
  return newFact(containmentDue, ports, { compromiseId, step });
}

/** `compromise-contained.v1` */
export function containedFact(compromise: Compromise, ports: FactPorts): Fact {
  return newFact(compromiseContained, ports, { ...common(compromise), cleanFrom: compromise.cleanFrom });
}

/** `compromise-ended.v1` */
export function endedFact(compromise: Compromise, ports: FactPorts): Fact {
  return newFact(compromiseEnded, ports, common(compromise));
}

const common = ({ compromiseId, kmsKeyArn, customerId, dataStores, dataKeys }: Compromise) => ({
  compromiseId,
  kmsKeyArn,
  customerId,
  dataStores,
  dataKeys,
});
