/**
 * Who may ask KMS about a key, and when.
 *
 * While the key is confirmed to be lost it is one call a minute: KMS refuses, and thousands of calls would ask it. Where KMS
 * answers all the same, it decides: whoever says that a key is lost, and is wrong or says no more, makes nothing unreadable. When
 * the key is back, the first calls come spread over a few seconds, and at no time do more than a few of one process ask about one
 * key: a customer's KMS is not run over by those who waited.
 */
import type { KeywrightError } from '../../shared/domain/errors';
import type { KmsKey } from '../../shared/domain/keys/kms-key';
import { lostKey } from '../../shared/domain/keys/lost-key';

/** Calls of KMS about one key that a process has under way. At ten milliseconds each that is 1,000 a second. */
export const CALLS_AT_ONCE = 10;

/** Over how long the first calls are spread that come after a loss. */
export const SPREAD_MS = 5_000;

/** How often KMS is asked about a key that is lost, by one call of a process. */
export const ASK_MS = 60_000;

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
  /** While it is away: when KMS is asked next, unless it answered the last time. */
  askAtMs: number;
  isAnswered: boolean;
  underWay: number;
  readonly waiting: (() => void)[];
}

/** Runs a call of KMS about a key that was just read, in its turn. */
export type Admit = <Answer>(key: KmsKey, call: () => Promise<Answer>) => Promise<Answer>;

/**
 * @returns what refuses a key that is lost, and that KMS does not let us use, with KeywrightError `state.key-lost` (retry), with
 *   its `lossCause` and `since`.
 */
export function admission({ nowMs, random, wait }: AdmissionPorts): Admit {
  const gates = new Map<string, Gate>();

  function gateOf({ kmsKeyArn, loss }: KmsKey): Gate {
    const gate = gates.get(kmsKeyArn) ?? {
      isAway: false,
      returnedAtMs: Number.NEGATIVE_INFINITY,
      askAtMs: Number.NEGATIVE_INFINITY,
      isAnswered: false,
      underWay: 0,
      waiting: [],
    };
    gates.set(kmsKeyArn, gate);
    if (gate.isAway && !loss) gate.returnedAtMs = nowMs();
    if (!gate.isAway && loss)
      Object.assign(gate, { isAnswered: false, askAtMs: nowMs() + ASK_MS * (1 - random() / 2) });
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

  async function inTurn<Answer>(kmsKeyArn: string, gate: Gate, call: () => Promise<Answer>): Promise<Answer> {
    await turn(gate);
    try {
      return await call();
    } finally {
      leave(kmsKeyArn, gate);
    }
  }

  /** What KMS says of a key that is lost, if it is time to ask. */
  async function tried<Answer>(lost: KeywrightError, gate: Gate, ask: () => Promise<Answer>): Promise<Answer> {
    if (!gate.isAnswered && nowMs() < gate.askAtMs) throw lost;
    gate.askAtMs = nowMs() + ASK_MS;
    try {
      const answer = await ask();
      gate.isAnswered = true;
      return answer;
    } catch {
      gate.isAnswered = false;
      throw lost;
    }
  }

  return async (key, call) => {
    const gate = gateOf(key);
    const lost = lostKey(key);
    const ask = () => inTurn(key.kmsKeyArn, gate, call);
    if (lost) return tried(lost, gate, ask);
    await spread(gate);
    return ask();
  };
}
