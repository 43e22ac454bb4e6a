/** The facts about a compromise, built from its rows. */
import { compromiseContained } from '../../../events/compromise-contained';
import { compromiseEnded } from '../../../events/compromise-ended';
import { containmentDue } from '../../../events/containment-due';
import { dataStoreExposed } from '../../../events/data-store-exposed';
import type { Fact } from '../../../events/define-event';
import type { Compromise, Exposure } from './compromise';
import type { CompromisePorts } from './ports';

type FactPorts = Pick<CompromisePorts, 'clock' | 'ids'>;

const stamp = ({ clock, ids }: FactPorts) => ({ factId: ids.next(), at: clock.now() });

/** `data-store-exposed.v1` */
export function exposedFact({ what, reason, since }: Compromise, exposure: Exposure, ports: FactPorts): Fact {
  const { compromiseId, customerId, dataStoreId, kmsKeyArn } = exposure;
  return dataStoreExposed.of({
    ...stamp(ports),
    compromiseId,
    customerId,
    dataStoreId,
    what,
    kmsKeyArn,
    reason,
    ...(since !== undefined && { since }),
  });
}

/** `containment-due.v1`, for the next step. */
export function dueFact({ compromiseId, step }: Pick<Compromise, 'compromiseId' | 'step'>, ports: FactPorts): Fact {
  return containmentDue.of({ ...stamp(ports), compromiseId, step });
}

/** `compromise-contained.v1` */
export function containedFact(compromise: Compromise, ports: FactPorts): Fact {
  const { cleanFrom } = compromise;
  return compromiseContained.of({
    ...stamp(ports),
    ...common(compromise),
    ...(cleanFrom !== undefined && { cleanFrom }),
  });
}

/** `compromise-ended.v1` */
export function endedFact(compromise: Compromise, ports: FactPorts): Fact {
  return compromiseEnded.of({ ...stamp(ports), ...common(compromise) });
}

function common({ compromiseId, kmsKeyArn, customerId, dataStores, dataKeys }: Compromise) {
  return {
    compromiseId,
    ...(kmsKeyArn !== undefined && { kmsKeyArn }),
    ...(customerId !== undefined && { customerId }),
    dataStores,
    dataKeys,
  };
}
