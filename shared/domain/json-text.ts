/** JSON written by hand where JSON.stringify is the cost: heads of audit entries, a million at a time. */

/** Characters that stand in a JSON string as they are. What is outside goes to JSON.stringify. */
const PLAIN = /^[ !#-[\]-~]*$/;

export function jsonString(value: string): string {
  return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
}

export function jsonStrings(values: readonly string[]): string {
  return `[${values.map(jsonString).join(',')}]`;
}

/** An object of strings; absent members are left out. */
export function jsonObject(members: Readonly<Record<string, string | null | undefined>>): string {
  let text = '';
  for (const name in members) {
    const value = members[name];
    if (value !== undefined && value !== null) text += `${text && ','}${jsonString(name)}:${jsonString(value)}`;
  }
  return `{${text}}`;
}
