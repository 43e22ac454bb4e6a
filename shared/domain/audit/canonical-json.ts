/**
 * JSON in the one form of RFC 8785 (JSON Canonicalization Scheme): members ordered by their names' UTF-16 code units, no
 * white space, numbers and strings as ECMAScript writes them. Members that are undefined are left out.
 */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

/** JSON text with members in the order of their names and no blanks: equal values have equal text. */
export function canonicalJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [[name, member] as const],
  );
  const inOrder = members.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${inOrder.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
