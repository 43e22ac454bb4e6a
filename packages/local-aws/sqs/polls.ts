/** Receivers that wait for a message to come: woken by arrivals, never by looking again and again. */
export interface Polls<Result> {
  /** The first result that is not empty, or an empty one at `until`. Waiters of one queue are served in turn. */
  wait(queueArn: string, until: number, attempt: () => readonly Result[]): Promise<readonly Result[]>;
  /** To be called when messages may have become visible in a queue, or the queue is gone. */
  wake(queueArn: string): void;
  /** Ends waits whose time is over. */
  end(now: number): void;
  readonly waitedFor: Iterable<string>;
}

interface Waiter<Result> {
  readonly until: number;
  readonly attempt: () => readonly Result[];
  readonly resolve: (results: readonly Result[]) => void;
  readonly reject: (reason: unknown) => void;
}

export function polls<Result>(): Polls<Result> {
  const waiters = new Map<string, Waiter<Result>[]>();

  function keep(queueArn: string, remaining: Waiter<Result>[]) {
    if (remaining.length > 0) waiters.set(queueArn, remaining);
    else waiters.delete(queueArn);
  }

  /** Whether the waiter is done with. */
  function serve({ attempt, resolve, reject }: Waiter<Result>): boolean {
    try {
      const results = attempt();
      if (results.length === 0) return false;
      resolve(results);
    } catch (reason) {
      reject(reason);
    }
    return true;
  }

  return {
    wait(queueArn, until, attempt) {
      return new Promise((resolve, reject) => {
        const waiting = waiters.get(queueArn) ?? [];
        waiters.set(queueArn, [...waiting, { until, attempt, resolve, reject }]);
      });
    },
    wake(queueArn) {
      const waiting = waiters.get(queueArn);
      if (waiting === undefined) return;
      const unserved = waiting.findIndex((waiter) => !serve(waiter));
      keep(queueArn, unserved === -1 ? [] : waiting.slice(unserved));
    },
    end(now) {
      for (const [queueArn, waiting] of waiters) {
        const over = waiting.filter(({ until }) => until <= now);
        if (over.length === 0) continue;
        for (const { resolve } of over) resolve([]);
        keep(
          queueArn,
          waiting.filter(({ until }) => until > now),
        );
      }
    },
    get waitedFor() {
      return waiters.keys();
    },
  };
}
