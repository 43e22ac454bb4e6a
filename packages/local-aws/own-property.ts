/**
 * What a table has under a name that somebody else chose. Every object inherits more than was written in it
 * (`constructor`, `toString`, `__proto__`), and a caller may ask for that.
 */
export function own<Value>(table: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}
