/** Prose in lines of at most 80 columns unless told, on a terminal and in a pipe alike. */
import { stripVTControlCharacters } from 'node:util';

const COLUMNS = 80;

/**
 * The text in lines between words, the first after `first`, the others indented as far. What has no space in it, such as an
 * ARN, is never broken: it can be copied.
 */
export function wrapped(text: string, first = '', columns = COLUMNS): string {
  const indent = ' '.repeat(first.length);
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].join('\n');
}

/** Colours of our own take no room. */
const widthOf = (text: string): number => stripVTControlCharacters(text).length;
