/** Writes the fields of an answer as the XML of the Query protocol. */
import type { Json, JsonObject } from '../call';
import type { QueryDialect } from './query-dialects';
import { element, textElement } from './xml';

export function fieldsXml(fields: JsonObject, dialect: QueryDialect, operation: string): string {
  return Object.entries(fields)
    .map(([name, value]) => fieldXml(name, value, dialect, operation))
    .join('');
}

function fieldXml(name: string, value: Json | undefined, dialect: QueryDialect, operation: string): string {
  if (typeof value !== 'object' || value === null) return textElement(name, scalar(name, value, dialect));
  const nested = (item: Json | undefined, itemName: string) => fieldXml(itemName, item, dialect, operation);
  if (Array.isArray(value)) {
    const flat = dialect.flatItem?.(name, operation);
    if (flat !== undefined) return value.map((item) => nested(item, flat)).join('');
    return element(name, value.map((item) => nested(item, 'member')).join(''));
  }
  const [wireName, map] = Object.entries(dialect.flatMaps ?? {}).find(([, { field }]) => field === name) ?? [];
  const pairs = Object.entries(value as JsonObject);
  if (map && wireName) {
    const pair = ([key, held]: [string, Json | undefined]) => textElement(map.key, key) + nested(held, map.value);
    return pairs.map((entry) => element(wireName, pair(entry))).join('');
  }
  if (dialect.entryMaps?.includes(name)) {
    const pair = ([key, held]: [string, Json | undefined]) => textElement('key', key) + nested(held, 'value');
    return element(name, pairs.map((entry) => element('entry', pair(entry))).join(''));
  }
  return element(name, fieldsXml(value as JsonObject, dialect, operation));
}

function scalar(name: string, value: Json | undefined, dialect: QueryDialect): Json | undefined {
  if (typeof value !== 'number' || !dialect.instants?.includes(name)) return value;
  return new Date(value * 1000).toISOString();
}
