/**
 * Deliveries on their way to a target, of rules and of schedules.
 *
 * Each is a row until its target took it, its dead-letter queue took it, or it was given up: a kill at any moment
 * repeats a delivery rather than losing it. The first attempt follows at once, retries on the clock.
 * Source of the retry policy: EventBridge User Guide, "Retry policy".
 */
import { randomUUID } from 'node:crypto';
import { AwsError } from '../../call';
import type { EngineDeps, Fault } from '../../contracts';
import { dueHeap } from '../../sqs/messages/due-heap';
import { type Failure, failureOf } from './failures';

/** What a delivery must say of itself; the rest is the business of who sends it. */
export interface Deliverable {
  readonly target: {
    readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
    readonly DeadLetterConfig?: { readonly Arn?: string };
  };
}

export type Kept<Item> = Item & {
  readonly id: string;
  readonly acceptedAt: number;
  readonly dueAt: number;
  /** Attempts that failed. */
  readonly failures: number;
  /** Planned faults strike a delivery once. */
  readonly isFaultDecided: boolean;
};

export interface Sender<Item> {
  /** The table of the rows. */
  readonly table: string;
  /** The service by whose name planned faults are asked for. */
  readonly service: string;
  /** One attempt. Throws AwsError. */
  send(delivery: Kept<Item>): void;
  /** Puts a delivery that was given up on its dead-letter queue. Throws AwsError. */
  bury(deadLetterArn: string, delivery: Kept<Item>, attributes: Readonly<Record<string, string>>): void;
}

export interface Deliveries<Item> {
  /** Keeps deliveries; attempts follow as soon as the caller is done. */
  accept(items: readonly Item[]): void;
  /** Attempts what is due. */
  tick(): void;
  /** Accepted and not yet ended. */
  readonly pending: number;
}

/** Defaults of a target without a retry policy. Source: RetryPolicy in the SDK. */
const RETRIES_MAX = 185;
const AGE_SECONDS_MAX = 86_400;

/** AWS says "exponential back off and jitter" without figures; 185 attempts in a day make about eight minutes each. */
const BACK_OFF_MS_MIN = 1_000;
const BACK_OFF_MS_MAX = 480_000;

/** How long a planned fault holds a delivery back if it does not say. */
const FAULT_DELAY_MS = 1_000;
/** Attempts a turn, so that a bus that feeds itself cannot hold up everything else. */
const ATTEMPTS_PER_TURN_MAX = 500;

export function deliveries<Item extends Deliverable>(world: EngineDeps, sender: Sender<Item>): Deliveries<Item> {
  const { clock, faults, random } = world;
  const rows = world.store.table<Kept<Item>>(sender.table);
  const waiting = dueHeap<string>();
  let isTurnComing = false;

  const keep = (delivery: Kept<Item>) => {
    rows.set(delivery.id, delivery);
    waiting.add(delivery.dueAt, delivery.id);
  };
  const wake = () => {
    if (isTurnComing) return;
    isTurnComing = true;
    setImmediate(() => {
      isTurnComing = false;
      turn();
    });
  };

  function turn(): void {
    for (let attempts = 0; attempts < ATTEMPTS_PER_TURN_MAX; attempts += 1) {
      const due = waiting.takeDue(clock.now());
      if (due === undefined) return;
      const delivery = rows.get(due.thing);
      if (delivery !== undefined) meetFaultOrAttempt(delivery);
    }
    wake();
  }

  function meetFaultOrAttempt(delivery: Kept<Item>): void {
    const kinds = ['drop', 'duplicate', 'delay', 'reorder'] as const;
    const fault = delivery.isFaultDecided ? undefined : faults.strikes(sender.service, 'Deliver', kinds);
    switch (fault?.kind) {
      case 'drop':
        rows.delete(delivery.id);
        break;
      case 'duplicate':
        keep({ ...delivery, id: randomUUID(), isFaultDecided: true });
        attempt(delivery);
        break;
      case 'delay':
      case 'reorder':
        keep({ ...delivery, isFaultDecided: true, dueAt: clock.now() + heldBackMs(fault) });
        break;
      default:
        attempt(delivery);
    }
  }

  /** Reordering is a delay of its own length each time: later events overtake. */
  function heldBackMs({ kind, delayMs = FAULT_DELAY_MS }: Fault): number {
    return kind === 'reorder' ? Math.ceil(random() * delayMs) : delayMs;
  }

  function attempt(delivery: Kept<Item>): void {
    try {
      sender.send(delivery);
      rows.delete(delivery.id);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      retryOrGiveUp(delivery, failureOf(error));
    }
  }

  function retryOrGiveUp(delivery: Kept<Item>, failure: Failure): void {
    const dueAt = clock.now() + backOffMs(delivery.failures);
    const exhausted = failure.mayPassOnRetry ? exhaustedLimit(delivery, dueAt) : undefined;
    if (failure.mayPassOnRetry && exhausted === undefined) {
      keep({ ...delivery, dueAt, failures: delivery.failures + 1, isFaultDecided: true });
    } else {
      giveUp(delivery, failure, exhausted);
    }
  }

  function backOffMs(failures: number): number {
    const most = Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS_MIN * 2 ** failures);
    return Math.ceil(most * (0.5 + random() / 2));
  }

  /** Without a dead-letter queue, or with one that refuses, the event is gone, as in AWS. */
  function giveUp(delivery: Kept<Item>, failure: Failure, exhausted: string | undefined): void {
    const deadLetterArn = delivery.target.DeadLetterConfig?.Arn;
    if (deadLetterArn !== undefined) {
      unlessRefused(() => sender.bury(deadLetterArn, delivery, failureAttributes(delivery, failure, exhausted)));
    }
    rows.delete(delivery.id);
  }

  for (const delivery of rows.values()) waiting.add(delivery.dueAt, delivery.id);

  return {
    accept(items) {
      const now = clock.now();
      const made = { acceptedAt: now, dueAt: now, failures: 0, isFaultDecided: false };
      for (const item of items) keep({ ...item, ...made, id: randomUUID() });
      if (items.length > 0) wake();
    },
    tick: turn,
    get pending() {
      return rows.size;
    },
  };
}

/** The limit of the retry policy that a further attempt would pass. */
function exhaustedLimit({ target, failures, acceptedAt }: Kept<Deliverable>, dueAt: number): string | undefined {
  const { MaximumRetryAttempts = RETRIES_MAX, MaximumEventAgeInSeconds = AGE_SECONDS_MAX } = target.RetryPolicy ?? {};
  if (failures >= MaximumRetryAttempts) return 'MaximumRetryAttempts';
  return dueAt > acceptedAt + MaximumEventAgeInSeconds * 1000 ? 'MaximumEventAgeInSeconds' : undefined;
}

function unlessRefused(send: () => void): void {
  try {
    send();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
  }
}

/**
 * EXHAUSTED_RETRY_CONDITION is there only when a limit of the retry policy ended the delivery.
 * Source: EventBridge User Guide, "Using dead-letter queues".
 */
function failureAttributes(
  { failures }: Kept<Deliverable>,
  failure: Failure,
  exhausted: string | undefined,
): Readonly<Record<string, string>> {
  return {
    ERROR_CODE: failure.code,
    ERROR_MESSAGE: failure.message,
    RETRY_ATTEMPTS: String(failures),
    ...(exhausted !== undefined && { EXHAUSTED_RETRY_CONDITION: exhausted }),
  };
}
