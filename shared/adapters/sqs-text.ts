/**
 * JSON in the characters that a message of SQS may hold: #x9 | #xA | #xD | #x20-#xD7FF | #xE000-#xFFFD | #x10000-#x10FFFF.
 *
 * A message with any other is refused (earlier editions of the API reference say: each is replaced by U+FFFD).
 * Source: SQS API reference, SendMessage, MessageBody.
 */

/**
 * The same JSON value in other text. JSON.stringify escapes control characters and lone surrogates itself, which leaves
 * two characters; in JSON both stand inside strings only.
 */
export const jsonForSqs = (value: unknown): string => escapedForSqs(JSON.stringify(value));

/** @param json A JSON text. */
export const escapedForSqs = (json: string): string =>
  json.replace(/[\uFFFE\uFFFF]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
