/** The text of a member of a JSON object, as it stands there: to parse and write it anew would change numbers and spelling. */

const [QUOTE, BACKSLASH, COLON, COMMA] = ['"', '\\', ':', ','];
const OPENING = '{[';
const CLOSING = '}]';

/**
 * @param json Of an object, sound.
 * @returns the value’s text; undefined when no outermost member has that name.
 */
export function jsonMember(json: string, name: string): string | undefined {
  const wanted = JSON.stringify(name);
  let depth = 0;
  let start = -1;
  for (let at = 0; at < json.length; at += 1) {
    const character = json.charAt(at);
    if (character === QUOTE) {
      const end = endOfString(json, at);
      const isName = start < 0 && depth === 1 && json.charAt(end) === COLON && json.slice(at, end) === wanted;
      if (isName) start = end + 1;
      at = end - 1;
    } else if (OPENING.includes(character)) {
      depth += 1;
    } else if (CLOSING.includes(character)) {
      depth -= 1;
    }
    const isEnd = start >= 0 && at >= start && ((depth === 1 && character === COMMA) || depth === 0);
    if (isEnd) return json.slice(start, at);
  }
  return undefined;
}

/** Just behind the closing quote. */
function endOfString(json: string, from: number): number {
  let at = from + 1;
  while (at < json.length && json.charAt(at) !== QUOTE) at += json.charAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}
