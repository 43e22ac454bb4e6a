/** JSON as it may go to a terminal: the same value, and nothing in it that a terminal obeys. */

/** As `printable`, but for what stands between values too, or is escaped by JSON already. Pairs of surrogates as two. */
const UNSAFE = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** @param json JSON text, or several, one a line. Reads back as the same values. */
export const printableJson = (json: string): string =>
  json.replace(UNSAFE, (character) => [...Array(character.length).keys()].map((at) => escaped(character, at)).join(''));

const escaped = (text: string, at: number): string => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
