/** A queue as simple as can be: a list, looked through from the front. What the engine is compared with. */
export interface ModelMessage {
  readonly body: string;
  readonly group: string | undefined;
  visibleAt: number;
  receiveCount: number;
  handle: string;
}

export type QueueModel = ReturnType<typeof queueModel>;

export function queueModel() {
  const messages: ModelMessage[] = [];
  const deleted = new Set<string>();

  return {
    messages,
    deleted,

    send(body: string, group: string | undefined, visibleAt: number) {
      messages.push({ body, group, visibleAt, receiveCount: 0, handle: '' });
    },

    /**
     * What a receive may hand out: of a standard queue every visible message, of a FIFO queue those of each group up to
     * the first that is hidden.
     */
    open(now: number): readonly ModelMessage[] {
      const closed = new Set<string>();
      return messages.filter(({ group, visibleAt }) => {
        if (group !== undefined && closed.has(group)) return false;
        if (visibleAt > now && group !== undefined) closed.add(group);
        return visibleAt <= now;
      });
    },

    received(body: string, handle: string, visibleAt: number) {
      const message = messages.find((each) => each.body === body);
      if (message === undefined) throw new Error(`the model has no ${body}`);
      Object.assign(message, { handle, visibleAt, receiveCount: message.receiveCount + 1 });
    },

    /** Deletes by the handle of the latest delivery; in a FIFO queue only while that lasts. */
    remove(handle: string, now: number) {
      const at = messages.findIndex((each) => each.handle === handle);
      const message = messages[at];
      if (message === undefined || (message.group !== undefined && message.visibleAt <= now)) return;
      messages.splice(at, 1);
      deleted.add(message.body);
    },

    counts(now: number): readonly [visible: number, inFlight: number, delayed: number] {
      const hidden = messages.filter(({ visibleAt }) => visibleAt > now);
      const inFlight = hidden.filter(({ receiveCount }) => receiveCount > 0).length;
      return [messages.length - hidden.length, inFlight, hidden.length - inFlight];
    },
  };
}
