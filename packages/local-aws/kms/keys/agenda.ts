/**
 * What falls due, and when. Asking costs one comparison while nothing is due, however many keys there are.
 */
export interface Agenda {
  /** Something happens to `name` at that instant; undefined: nothing does any more. */
  set(name: string, atMs: number | undefined): void;
  /** Names whose instant has come. They stay due until `set` says otherwise. */
  due(nowMs: number): readonly string[];
}

export function agenda(): Agenda {
  const instants = new Map<string, number>();
  let earliestMs = Number.POSITIVE_INFINITY;

  return {
    set(name, atMs) {
      if (atMs === undefined) instants.delete(name);
      else instants.set(name, atMs);
      if (atMs !== undefined && atMs < earliestMs) earliestMs = atMs;
    },
    due(nowMs) {
      if (nowMs < earliestMs) return [];
      earliestMs = [...instants.values()].reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
      return [...instants].filter(([, atMs]) => atMs <= nowMs).map(([name]) => name);
    },
  };
}
