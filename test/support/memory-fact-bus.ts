/** A fact bus in memory. */
import type { FactPublisher, OutgoingFact, Refusal } from '../../shared/domain/outbox/ports';

export interface MemoryFactBus extends FactPublisher {
  readonly published: readonly OutgoingFact[];
  /** From now on nobody reaches it. */
  breakDown(): void;
}

/** As EventBridge has it: see the adapter. */
const DETAIL_TYPE_CHARACTERS_MAX = 128;

const UNREACHED: Refusal = { reason: 'nobody answers', retry: true };

/** @param refusals What is refused besides what no bus takes, by fact id. */
export function memoryFactBus(refusals: Readonly<Record<string, Refusal>> = {}): MemoryFactBus {
  const published: OutgoingFact[] = [];
  let isDown = false;
  const refusalOf = (fact: OutgoingFact): Refusal | undefined =>
    isDown ? UNREACHED : (refusals[fact.factId] ?? faultOf(fact));
  return {
    published,
    breakDown() {
      isDown = true;
    },
    async publish(facts) {
      const answers = facts.map((fact) => ({ fact, refusal: refusalOf(fact) }));
      published.push(...answers.flatMap(({ fact, refusal }) => (refusal ? [] : [fact])));
      return new Map(answers.flatMap(({ fact, refusal }) => (refusal ? [[fact.factId, refusal]] : [])));
    },
  };
}

function faultOf({ detailType, detail }: OutgoingFact): Refusal | undefined {
  if (detailType.length > DETAIL_TYPE_CHARACTERS_MAX) return { reason: 'detailType: is too long', retry: false };
  try {
    JSON.parse(detail);
    return undefined;
  } catch {
    return { reason: 'MalformedDetail', retry: false };
  }
}
