/**
 * Who may ask KMS about a key, and when.
 *
 * Nobody while the key is confirmed to be lost: KMS would refuse, and thousands of calls would ask it. When it is back, the
 * first calls come spread over a few seconds, and at no time do more than a few of one process ask about one key: a customer's
 * KMS is not run over by those who waited.
 */
import type { KmsKey } from '../../shared/domain/keys/kms-key';
import { lostKey } from '../../shared/domain/keys/lost-key';

/** Calls of KMS about one key that a process has under way. At ten milliseconds each that is 1,000 a second. */
export const CALLS_AT_ONCE = 10;

/** Over how long the first calls are spread that come after a loss. */
export const SPREAD_MS = 5_000;

export interface AdmissionPorts {
  readonly nowMs: () => number;
  /** From 0 to, not with, 1. */
  readonly random: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/** What is known of a key while it is away, while calls are under way, and for a while after its return. */
interface Gate {
  isAway: boolean;
  returnedAtMs: number;
  underWay: number;
  readonly waiting: (() => void)[];
}

/** Runs a call of KMS about a key that was just read, in its turn. */
export type Admit = <Answer>(key: KmsKey, call: () => Promise<Answer>) => Promise<Answer>;

/** @returns what refuses a key that is lost with KeywrightError `state.key-lost` (retry), with its `lossCause` and `since`. */
export function admission({ nowMs, random, wait }: AdmissionPorts): Admit {
  const gates = new Map<string, Gate>();

  function gateOf({ kmsKeyArn, loss }: KmsKey): Gate {
    const gate = gates.get(kmsKeyArn) ?? {
      isAway: false,
      returnedAtMs: Number.NEGATIVE_INFINITY,
      underWay: 0,
      waiting: [],
    };
    gates.set(kmsKeyArn, gate);
    if (gate.isAway && !loss) gate.returnedAtMs = nowMs();
    gate.isAway = loss !== undefined;
    return gate;
  }

  const isIdle = (gate: Gate) =>
    !gate.isAway && gate.underWay === 0 && gate.waiting.length === 0 && nowMs() >= gate.returnedAtMs + SPREAD_MS;

  async function spread({ returnedAtMs }: Gate): Promise<void> {
    const leftMs = returnedAtMs + SPREAD_MS - nowMs();
    if (leftMs > 0) await wait(random() * Math.min(leftMs, SPREAD_MS));
  }

  async function turn(gate: Gate): Promise<void> {
    if (gate.underWay >= CALLS_AT_ONCE) await new Promise<void>((comes) => gate.waiting.push(comes));
    else gate.underWay += 1;
  }

  /** Whoever waits longest takes the place. */
  function leave(kmsKeyArn: string, gate: Gate): void {
    const next = gate.waiting.shift();
    if (next) next();
    else gate.underWay -= 1;
    if (isIdle(gate)) gates.delete(kmsKeyArn);
  }

  return async (key, call) => {
    const gate = gateOf(key);
    const lost = lostKey(key);
    if (lost) throw lost;
    await spread(gate);
    await turn(gate);
    try {
      return await call();
    } finally {
      leave(key.kmsKeyArn, gate);
    }
  };
}
