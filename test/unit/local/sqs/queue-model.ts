/** A queue as simple as can be: a list, looked through from the front. What the engine is compared with. */
export interface ModelMessage {
  readonly body: string;
  readonly group: string | undefined;
  visibleAt: number;
  receiveCount: number;
  handle: string;
}

export class QueueModel {
  messages: ModelMessage[] = [];
  readonly deleted = new Set<string>();

  send(body: string, group: string | undefined, visibleAt: number) {
    this.messages.push({ body, group, visibleAt, receiveCount: 0, handle: '' });
  }

  /**
   * What a receive may hand out: of a standard queue every visible message, of a FIFO queue those of each group up to the
   * first that is hidden.
   */
  open(now: number): readonly ModelMessage[] {
    const closed = new Set<string>();
    return this.messages.filter(({ group, visibleAt }) => {
      if (group !== undefined && closed.has(group)) return false;
      if (visibleAt > now && group !== undefined) closed.add(group);
      return visibleAt <= now;
    });
  }

  received(body: string, handle: string, visibleAt: number) {
    const message = this.messages.find((each) => each.body === body);
    if (message === undefined) throw new Error(`the model has no ${body}`);
    Object.assign(message, { handle, visibleAt, receiveCount: message.receiveCount + 1 });
  }

  /** Deletes by the handle of the latest delivery; a FIFO queue only while that lasts. @returns whether it deleted. */
  remove(handle: string, now: number): boolean {
    const message = this.messages.find((each) => each.handle === handle);
    if (message === undefined || (message.group !== undefined && message.visibleAt <= now)) return false;
    this.messages = this.messages.filter((each) => each !== message);
    this.deleted.add(message.body);
    return true;
  }

  counts(now: number): readonly [visible: number, inFlight: number, delayed: number] {
    const hidden = this.messages.filter(({ visibleAt }) => visibleAt > now);
    const inFlight = hidden.filter(({ receiveCount }) => receiveCount > 0).length;
    return [this.messages.length - hidden.length, inFlight, hidden.length - inFlight];
  }
}
