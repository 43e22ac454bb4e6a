/** Ends a run before whoever runs it does: what is not begun by then is left for the next one. */
import { later } from './instants';
import type { Clock } from './ports';

/** The items, one after the other, until `ms` are over: what was begun by then is left to end by itself. */
export function* inTime<Item>(items: Iterable<Item>, ms: number, clock: Clock): Iterable<Item> {
  const endsAt = later(clock.now(), ms);
  for (const item of items) {
    if (clock.now() >= endsAt) return;
    yield item;
  }
}
