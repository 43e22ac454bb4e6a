/** Prose in lines of at most 80 columns, on a terminal and in a pipe alike. */

const COLUMNS = 80;

/**
 * The text in lines between words, the first after `first`, the others indented as far. What has no space in it, such as an
 * ARN, is never broken: it can be copied.
 */
export function wrapped(text: string, first = ''): string {
  const indent = ' '.repeat(first.length);
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].join('\n');
}
