/**
 * The order in which a queue hands out its messages.
 *
 * Messages stand in lanes. A lane hands out its messages from the oldest on, up to the first that is not visible: that
 * is a FIFO queue's message group, locked while an older message of it is in flight. In a standard queue each message
 * has a lane of its own, so none waits for another. Lanes take turns in the order in which their first message became
 * visible. This rule gives the orders recorded from AWS in localstack's `test_fifo_*` tests.
 */
import { dueHeap } from './due-heap';

export interface Placed<M> {
  readonly lane: Lane<M>;
  /** Instant from which the message may be handed out. */
  visibleAt: number;
  gone: boolean;
  next?: M;
}

export interface Lane<M> {
  readonly name: string | undefined;
  first?: M | undefined;
  last?: M | undefined;
  /** Whether the lane stands in the list of lanes whose turn comes, or is having its turn. */
  listed: boolean;
  next?: Lane<M> | undefined;
}

export interface MessageGroups<M> {
  /** The message group's lane, or a new lane for a message without one. */
  lane(name: string | undefined): Lane<M>;
  add(message: M, now: number): void;
  /** To be called when `visibleAt` or `gone` of a message has changed. */
  moved(message: M, now: number): void;
  /**
   * The messages that may be handed out, in order. Between two of them the taker may hide or remove the one it has;
   * a lane that was looked at stands last afterwards.
   */
  visible(now: number): Generator<M, void>;
  /** Takes notice of messages that became visible by `now`, and tells of each. */
  settle(now: number, became: (message: M) => void): void;
  /** When the next message becomes visible; Infinity when none waits. */
  readonly nextVisibleAt: number;
}

export function messageGroups<M extends Placed<M>>(): MessageGroups<M> {
  const named = new Map<string, Lane<M>>();
  const waiting = dueHeap<M>();
  let firstReady: Lane<M> | undefined;
  let lastReady: Lane<M> | undefined;

  /** Puts a lane at the end of the list if its first message is visible and it is not listed yet. */
  function list(lane: Lane<M>, now: number) {
    const head = headOf(lane);
    if (head === undefined && lane.name !== undefined && named.get(lane.name) === lane) named.delete(lane.name);
    if (head === undefined || head.visibleAt > now || lane.listed) return;
    lane.listed = true;
    if (lastReady === undefined) firstReady = lane;
    else lastReady.next = lane;
    lastReady = lane;
  }

  function takeFirstReady(): Lane<M> | undefined {
    const lane = firstReady;
    if (lane === undefined) return undefined;
    firstReady = lane.next;
    if (firstReady === undefined) lastReady = undefined;
    lane.next = undefined;
    return lane;
  }

  function moved(message: M, now: number) {
    if (!message.gone && message.visibleAt > now) waiting.add(message.visibleAt, message);
    list(message.lane, now);
  }

  return {
    moved,
    lane(name) {
      const lane = (name === undefined ? undefined : named.get(name)) ?? { name, listed: false };
      if (name !== undefined) named.set(name, lane);
      return lane;
    },
    add(message, now) {
      const { lane } = message;
      if (headOf(lane) === undefined) lane.first = message;
      else if (lane.last !== undefined) lane.last.next = message;
      lane.last = message;
      moved(message, now);
    },
    *visible(now) {
      const seen: Lane<M>[] = [];
      try {
        for (let lane = takeFirstReady(); lane !== undefined; lane = takeFirstReady()) {
          seen.push(lane);
          for (let message = headOf(lane); message !== undefined && isOpen(message, now); message = message.next) {
            if (!message.gone) yield message;
          }
        }
      } finally {
        for (const lane of seen) {
          lane.listed = false;
          list(lane, now);
        }
      }
    },
    settle(now, became) {
      for (let due = waiting.takeDue(now); due !== undefined; due = waiting.takeDue(now)) {
        const { thing: message, at } = due;
        if (message.gone || message.visibleAt !== at) continue;
        became(message);
        list(message.lane, now);
      }
    },
    get nextVisibleAt() {
      return waiting.firstAt;
    },
  };
}

const isOpen = <M extends Placed<M>>(message: M, now: number) => message.gone || message.visibleAt <= now;

function headOf<M extends Placed<M>>(lane: Lane<M>): M | undefined {
  while (lane.first?.gone) lane.first = lane.first.next;
  return lane.first;
}
