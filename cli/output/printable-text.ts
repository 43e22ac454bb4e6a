/**
 * Names and texts that somebody else wrote, as they may go to a terminal. It obeys control characters: a file name can
 * clear the screen, and letters that turn the direction of writing show a name as another. They are shown, not obeyed.
 */
import { colours } from './colours';

/** Control and format characters (bidirectional ones among them), line and paragraph separators, halves of pairs. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** The same but for line ends, and the colours of our own, which are kept by taking the whole of them first. */
const UNSAFE_IN_LINES = colours.isColorSupported
  ? // biome-ignore lint/suspicious/noControlCharactersInRegex: it is how colours begin
    /\u001b\[\d{1,2}m|(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
  : /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A name or a message, as one line: what cannot be seen is written as `\u{1b}`. */
export const printable = (text: string): string => text.replace(UNSAFE, shown);

/** A text of several lines, colours of our own included: for what goes out as a whole. */
export const printableLines = (text: string): string =>
  text.replace(UNSAFE_IN_LINES, (found) => (found.endsWith('m') && found.length > 1 ? found : shown(found)));

const shown = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16)}}`;
