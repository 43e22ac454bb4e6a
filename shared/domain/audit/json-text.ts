/** JSON in other text than JSON.stringify writes: by hand where that is the cost, and in characters that a queue takes. */

/** Heads of audit entries are written a million at a time. Characters that stand in a JSON string as they are. What is outside goes to JSON.stringify. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A string as JSON text. */
export function jsonString(value: string): string {
  return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
}

/** A list of strings as JSON text. */
export function jsonStrings(values: readonly string[]): string {
  let text = '';
  for (const value of values) text += `${text && ','}${jsonString(value)}`;
  return `[${text}]`;
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

/**
 * JSON in the characters that a message of SQS may hold: #x9 | #xA | #xD | #x20-#xD7FF | #xE000-#xFFFD | #x10000-#x10FFFF.
 * A message with any other is refused; earlier editions of the source say that each is replaced by U+FFFD.
 * Source: SQS API reference, SendMessage, MessageBody.
 */
export const jsonForSqs = (value: unknown): string => escapedForSqs(JSON.stringify(value));

/**
 * The same JSON value in such characters. JSON.stringify escapes control characters and lone surrogates itself, which leaves
 * two; they stand inside strings only.
 */
export const escapedForSqs = (json: string): string =>
  json.replace(/[\uFFFE\uFFFF]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
