import type { Store } from '../../store';

/** What a FIFO queue remembers of a message it took, so that the same message sent again is not put in twice. */
export interface Taken {
  readonly messageId: string;
  readonly sequence: number;
  readonly until: number;
}

export interface Deduplication {
  /** `groupId`: given where the queue removes duplicates within a message group only. */
  find(deduplicationId: string, groupId: string | undefined): Taken | undefined;
  remember(deduplicationId: string, groupId: string | undefined, message: Pick<Taken, 'messageId' | 'sequence'>): void;
  forgetAll(): void;
}

/** The 5-minute deduplication interval. Source: SendMessage in the SQS API reference. */
const INTERVAL_MS = 5 * 60_000;

/** At most how often what may be forgotten is looked for. */
const SWEEP_INTERVAL_MS = 1_000;

export function openDeduplication(store: Store, queueArn: string, now: () => number): Deduplication {
  const rows = store.table<Taken>(`sqs/deduplication/${queueArn}`);
  let sweepAt = 0;

  function fresh(key: string): Taken | undefined {
    const row = rows.get(key);
    return row !== undefined && row.until > now() ? row : undefined;
  }

  /** Rows stand in the order in which they run out, so the sweep ends at the first that has not. */
  function sweep() {
    if (now() < sweepAt) return;
    sweepAt = now() + SWEEP_INTERVAL_MS;
    store.together(() => {
      for (const [key, { until }] of rows.entries()) {
        if (until > now()) return;
        rows.delete(key);
      }
    });
  }

  return {
    // Recorded from AWS: once the scope changes to the message group, what was remembered for the whole queue still
    // counts; after a change the other way, what was remembered for a group does not.
    find: (id, groupId) => fresh(id) ?? (groupId === undefined ? undefined : fresh(keyOf(id, groupId))),
    remember(id, groupId, { messageId, sequence }) {
      sweep();
      rows.delete(keyOf(id, groupId));
      rows.set(keyOf(id, groupId), { messageId, sequence, until: now() + INTERVAL_MS });
    },
    forgetAll() {
      store.together(() => {
        for (const [key] of rows.entries()) rows.delete(key);
      });
    },
  };
}

/** Neither id may contain a space, so the key of a group is no id. */
const keyOf = (id: string, groupId: string | undefined) => (groupId === undefined ? id : `${groupId} ${id}`);
