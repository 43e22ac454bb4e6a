/** Reads the form of a Query call: `Tag.1.Key=…`, `Tags.member.1.Key=…`, `Attributes.entry.1.key=…`. */
import type { Json, JsonObject } from '../call';
import { own } from '../own-property';
import type { QueryDialect } from './query-dialects';

export function callOfForm(fields: Readonly<Record<string, string>>, dialect: QueryDialect): JsonObject {
  return asCall(treeOf(fields), dialect);
}

/** Children named `1`, `2`, `10` … come in the order of their numbers: so JavaScript orders such names. */
type Tree = { [name: string]: Tree | string };

/** `{ 'Tags.member.1.Key': 'a' }` as nested objects. */
function treeOf(fields: Readonly<Record<string, string>>): Tree {
  const root: Tree = Object.create(null);
  for (const [path, value] of Object.entries(fields)) {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    let at = root;
    for (const step of steps) at = childOf(at, step);
    at[last] = value;
  }
  return root;
}

function childOf(tree: Tree, name: string): Tree {
  const known = tree[name];
  if (typeof known === 'object') return known;
  const child: Tree = Object.create(null);
  tree[name] = child;
  return child;
}

function asCall(tree: Tree, dialect: QueryDialect): JsonObject {
  return Object.fromEntries(Object.entries(tree).map(([name, node]) => fieldOf(name, node, dialect)));
}

function fieldOf(name: string, node: Tree | string, dialect: QueryDialect): [string, Json] {
  if (typeof node === 'string') return [name, dialect.numbers?.includes(name) ? Number(node) : node];
  const list = own(dialect.flatLists, name);
  if (list !== undefined) return [list, Object.values(node).map((item) => readNode(item, dialect))];
  const map = own(dialect.flatMaps, name);
  if (map !== undefined) return [map.field, mapOf(node, map.key, map.value, dialect)];
  return [name, readNode(node, dialect)];
}

function readNode(node: Tree | string, dialect: QueryDialect): Json {
  if (typeof node === 'string') return node;
  const { member, entry } = node;
  if (typeof member === 'object') return Object.values(member).map((item) => readNode(item, dialect));
  if (typeof entry === 'object') return mapOf(entry, 'key', 'value', dialect);
  return asCall(node, dialect);
}

/** SNS writes `Name` and `Value` for message attributes and `key` and `value` for everything else. */
function mapOf(node: Tree, key: string, value: string, dialect: QueryDialect): JsonObject {
  const pairs = Object.values(node).flatMap((item) => {
    if (typeof item === 'string') return [];
    const name = item[key] ?? item['Name'];
    const held = item[value] ?? item['Value'];
    return typeof name === 'string' && held !== undefined ? [[name, readNode(held, dialect)] as const] : [];
  });
  return Object.fromEntries(pairs);
}
