/** The command `keywright-verify`: what it is told, what it says, and how it ends. */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type LogReport, readKeys, UsageError, verifyLogs } from './logs';
import { Refusal, type VerifierKey } from './note';
import { version } from './package.json';
import { CHECKPOINT_BYTES_MAX } from './reader';

const HELP = `Usage: keywright-verify <dir> --public-key <key> [options]

Verifies an audit stream offline: every entry is there, in order, unchanged,
and signed for. <dir> is a stream, or a folder of streams.

Options:
  --public-key <key>   \`name+keyid+key\`, or a file with one such line a stream
  --checkpoint <file>  what was verified last, of one stream: it must still be
                       in it. Written anew whenever all is well
  --max-age <age>      how long ago it may have been signed: 90m, 2h, 1d. Where
                       it is older, what came since may be kept from you
  --json               print the reports as JSON
  --version, --help

Exit code: 0 all is well, 1 something is not (the first bad entry is named),
           2 not understood, or not readable.

Examples:
  $ npx keywright-verify ./acme --public-key acme.pub
  $ npx keywright-verify ./acme --public-key acme.pub --checkpoint acme.seen
  $ npx keywright-verify ./acme --public-key acme.pub --max-age 2h
  $ npx keywright-verify ./streams --public-key ./streams/public-keys --json
`;

const OPTIONS = {
  'public-key': { type: 'string' },
  checkpoint: { type: 'string' },
  'max-age': { type: 'string' },
  json: { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Where it writes to. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
  readonly isColoured: boolean;
}

/** Runs the command. @param args without the names of Node.js and the script. @returns the exit code. */
export async function run(args: readonly string[], output: Output): Promise<0 | 1 | 2> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (values.help || values.version) {
      output.out(values.help ? HELP : `${version}\n`);
      return 0;
    }
    const [folder, ...more] = positionals;
    const given = values['public-key'];
    if (!folder || more.length > 0 || !given) throw new UsageError('Give one folder and --public-key. See --help.');
    const reports = await verified(folder, keysOf(given), values.checkpoint, values['max-age']);
    output.out(values.json ? jsonOf(reports) : textOf(reports, output));
    return reports.every(({ ok }) => ok) ? 0 : 1;
  } catch (error) {
    if (!isExplained(error)) throw error;
    output.err(`${lines(shown(error.message))}\n`);
    return 2;
  }
}

async function verified(folder: string, keys: readonly VerifierKey[], kept?: string, maxAge?: string) {
  const isThere = kept !== undefined && statSync(kept, { throwIfNoEntry: false }) !== undefined;
  const saved = isThere ? [readText(kept, CHECKPOINT_BYTES_MAX)] : [];
  const reports: LogReport[] = [];
  for await (const report of verifyLogs(folder, keys, { saved, ...ageOf(maxAge) })) reports.push(report);
  if (kept === undefined) return reports;
  const [report, ...others] = reports;
  if (others.length > 0) throw new UsageError(`--checkpoint is of one stream, and ${folder} is a folder of several.`);
  if (report?.ok && report.checkpoint !== undefined) replace(kept, report.checkpoint);
  return reports;
}

const UNITS = { m: 60, h: 3_600, d: 86_400 } as const;

/** `2h` as seconds. @throws UsageError */
export function ageOf(text: string | undefined): { readonly maxAge?: number } {
  if (text === undefined) return {};
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count === undefined) throw new UsageError(`--max-age must read 90m, 2h or 1d, and reads ${text}.`);
  return { maxAge: Number(count) * UNITS[unit as keyof typeof UNITS] };
}

/** All of it or nothing. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** Forty thousand keys of the longest names that folders can have. */
const KEYS_BYTES_MAX = 16 * 1024 * 1024;

/** @param given A key, or a file of such: no key is without a plus sign, and a name that was mistyped seldom has one. */
function keysOf(given: string): readonly VerifierKey[] {
  const isFile = !given.includes('+') || statSync(given, { throwIfNoEntry: false }) !== undefined;
  return readKeys(isFile ? readText(given, KEYS_BYTES_MAX) : given, given);
}

function readText(file: string, bytesMax: number): string {
  const stats = statSync(file);
  if (!stats.isFile() || stats.size > bytesMax)
    throw new UsageError(`${file} is no file of at most ${bytesMax} bytes.`);
  return readFileSync(file, 'utf8');
}

/** What a person got wrong, the parser of options and the system, which have a code. Anything else is a bug. */
const isExplained = (error: unknown): error is Error =>
  error instanceof UsageError || error instanceof Refusal || typeof Object(error).code === 'string';

function textOf(reports: readonly LogReport[], { isColoured }: Output): string {
  const paint = (text: string, colour: number) => (isColoured ? `\u001b[${colour}m${text}\u001b[39m` : text);
  return reports
    .flatMap(({ log, origin = log, ok, size, rootHash, firstBadIndex, findings }) => [
      `${shown(origin)}: ${ok ? paint('verified', 32) : paint('NOT VERIFIED', 31)}`,
      ...(size === undefined ? [] : [lines(`${size} entries, root hash ${rootHash}`, '  ')]),
      ...(firstBadIndex === undefined ? [] : [`  first bad entry: ${firstBadIndex}`]),
      ...findings.map(({ code, message }) => lines(shown(`${code}: ${message}`), '  ')),
    ])
    .join('\n')
    .concat('\n');
}

/** What cannot be seen is written as `\u{1b}`, and in JSON as JSON has it: a terminal would obey some of it. */
const shown = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);
const jsonOf = (reports: readonly LogReport[]): string =>
  `${JSON.stringify(reports, null, 2).replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, escaped)}\n`;
const escaped = (character: string): string =>
  [...Array(character.length).keys()].map((at) => `\\u${unitOf(character, at)}`).join('');
const unitOf = (text: string, at: number): string => text.charCodeAt(at).toString(16).padStart(4, '0');

/** In lines of at most 80 columns, broken between words. */
function lines(text: string, indent = ''): string {
  const done: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && `${indent}${line} ${word}`.length > 80) {
      done.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...done, indent + line].join('\n');
}
