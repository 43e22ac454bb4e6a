/**
 * The filter criteria of event source mappings: event patterns over one record.
 *
 * A queue's `body` is text. Where a pattern looks into it, the text is read as JSON, and a body that is none does not
 * match. Source: Lambda developer guide, "Using event filtering with an Amazon SQS event source".
 */
import type { Json, JsonObject } from '../call';
import { compilePattern, type EventPattern } from '../eventbridge/patterns/pattern';
import { isObject } from '../json-object';
import { isQueue, type Mapping } from './mappings';

export interface Filters {
  /** Records that a function wants, and the others. */
  split<Item>(
    mapping: Mapping,
    items: readonly Item[],
    recordOf: (item: Item) => JsonObject,
  ): readonly [wanted: readonly Item[], unwanted: readonly Item[]];
}

interface Filter {
  readonly pattern: EventPattern;
  readonly readsBody: boolean;
}

export function filters(): Filters {
  const compiled = new Map<string, Filter>();
  const filterOf = (text: string): Filter => {
    const filter = compiled.get(text) ?? { pattern: compilePattern(text), readsBody: readsBody(text) };
    compiled.set(text, filter);
    return filter;
  };
  const matches = (mapping: Mapping, record: JsonObject) =>
    mapping.filters.map(filterOf).some(({ pattern, readsBody }) => {
      const seen = readsBody && isQueue(mapping.sourceArn) ? withBodyRead(record) : record;
      return seen !== undefined && pattern.matches(seen);
    });

  return {
    split(mapping, items, recordOf) {
      if (mapping.filters.length === 0) return [items, []];
      const wanted = items.filter((item) => matches(mapping, recordOf(item)));
      return [wanted, items.filter((item) => !wanted.includes(item))];
    },
  };
}

function readsBody(text: string): boolean {
  return isObject((JSON.parse(text) as JsonObject)['body']);
}

function withBodyRead(record: JsonObject): JsonObject | undefined {
  try {
    return { ...record, body: JSON.parse(String(record['body'])) as Json };
  } catch {
    return undefined;
  }
}
