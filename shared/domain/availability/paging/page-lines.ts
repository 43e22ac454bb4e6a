/** How a page is laid out, whatever it is about: its subject, its lines, and where its runbook is. */
import { cutText } from './cut-text';

/** For whom a page is written. */
export interface Reader {
  /** A name of the IANA time zone database. */
  readonly timeZone: string;
  /** Where the runbooks are: a URL, or a path in the repository. */
  readonly runbooks: string;
  /** Where they acknowledge; absent: by a command alone. */
  readonly acknowledgeUrl?: string;
}

/** `docs/runbooks/key-disabled.md`: one page a cause, and one for each alarm and each trouble of our own. */
export const runbookAt = (name: string, { runbooks }: Pick<Reader, 'runbooks'>): string => `${runbooks}/${name}.md`;

/**
 * SNS takes subjects of less than 100 ASCII characters, the first of them no space, and 256 KB in all: some 60 lines of so
 * many characters, however many bytes each has. Whatever else a name may hold keeps no page. Source: SNS API reference, Publish.
 */
const SUBJECT_MAX = 99;
const LINE_MAX = 1_000;

/** Characters that are none: controls, line ends and what turns text around among them. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Text without a character that is none. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, '?');

/** Lines of text, each of them bounded, without a character that is none. */
export const linesOf = (lines: readonly string[]): string =>
  lines.map((line) => cutText(printable(line), LINE_MAX)).join('\n');

/** What SNS takes as a subject: of other text the part that it takes. */
export function subject(text: string): string {
  const ascii = text
    .replaceAll('’', "'")
    .normalize('NFKD')
    .replace(/[^ -~]/g, '')
    .trim();
  return cutText(ascii, SUBJECT_MAX);
}

/** A link stands on a line of its own, with nothing behind it. */
export const acknowledgeLines = ({ acknowledgeUrl }: Pick<Reader, 'acknowledgeUrl'>): readonly string[] =>
  acknowledgeUrl === undefined ? [] : [`Acknowledge: ${acknowledgeUrl}`];

/** A command stands on a line of its own, to be copied as a whole. */
export const nextLines = ([first = '', ...besides]: readonly string[]): readonly string[] => [
  `Next step:  ${first}`,
  ...besides.map((line) => `            ${line}`),
];

/** A label, and what it labels in the column of all of them. */
export const labelled = (label: string, text: string): string => `${`${label}:`.padEnd(12)}${text}`;
