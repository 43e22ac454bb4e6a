/** Things that fall due at an instant, the earliest first: adding and taking cost the logarithm of what waits. */
export interface DueHeap<Thing> {
  add(at: number, thing: Thing): void;
  /** When the earliest falls due; Infinity when nothing waits. */
  readonly firstAt: number;
  /** Takes the earliest out, if it is due by `now`. */
  takeDue(now: number): { readonly at: number; readonly thing: Thing } | undefined;
}

export function dueHeap<Thing>(): DueHeap<Thing> {
  const heap: { readonly at: number; readonly thing: Thing }[] = [];
  const atOf = (index: number) => heap[index]?.at ?? Number.POSITIVE_INFINITY;

  function swap(a: number, b: number) {
    const [first, second] = [heap[a], heap[b]];
    if (first === undefined || second === undefined) return;
    heap[a] = second;
    heap[b] = first;
  }

  function sink(from: number) {
    for (let index = from; ; ) {
      const left = 2 * index + 1;
      const least = atOf(left + 1) < atOf(left) ? left + 1 : left;
      if (atOf(least) >= atOf(index)) return;
      swap(index, least);
      index = least;
    }
  }

  return {
    get firstAt() {
      return atOf(0);
    },
    add(at, thing) {
      heap.push({ at, thing });
      for (let index = heap.length - 1; index > 0; ) {
        const parent = (index - 1) >> 1;
        if (atOf(parent) <= at) return;
        swap(index, parent);
        index = parent;
      }
    },
    takeDue(now) {
      const [first] = heap;
      if (first === undefined || first.at > now) return undefined;
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) {
        heap[0] = last;
        sink(0);
      }
      return first;
    },
  };
}
