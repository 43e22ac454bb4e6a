/**
 * The file that a store is kept in: each line is one change, of as many rows as it has to change at once.
 *
 * What was acknowledged is a whole line. A last line without its end was cut by a kill and never acknowledged: it is
 * dropped. Each line has the checksum of its changes: only what was written here is taken for rows. Any other line is
 * damage, and nothing is opened over it. Opening rewrites the file to hold the last value of each row only.
 */
import { appendFileSync, closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { onFile } from './file-errors';
import { privateFolder } from './private-folder';
import { LocalAwsFault } from './start-refused';

export type Change = readonly [table: string, key: string, row?: unknown];

export interface Journal {
  /** What the file held when it was opened, in the order in which it happened. */
  changes(): Iterable<Change>;
  /** Replaces the file by one with these rows. A kill in the middle leaves the old one. */
  rewrite(tables: ReadonlyMap<string, ReadonlyMap<string, unknown>>): void;
  /** Returns once the line is with the operating system: a kill of this process does not lose it. */
  append(batch: readonly Change[]): void;
  close(): void;
}

/** Of the lines below the first, which says it. */
const FORMAT = 2;
/** Its lines have no checksum. A file of before the first line said a form is of this one. */
const UNSUMMED_FORMAT = 1;
/** It holds key material and the secrets of sessions. */
const OWNER_ONLY = 0o600;
const NEWLINE = 10;
/** Written together when the file is rewritten. */
const LINES_A_WRITE = 1_000;

export function openJournal(folder: string): Journal {
  const path = join(folder, 'journal.jsonl');
  privateFolder(folder);
  let file: number | undefined;
  return {
    changes: () => changesIn(path),
    rewrite(tables) {
      onFile(`${path}.new`, () => writeRows(`${path}.new`, tables));
      renameSync(`${path}.new`, path);
      file = openSync(path, 'a');
    },
    append(batch) {
      const line = `${lineOf(batch)}\n`;
      if (file !== undefined) onFile(path, () => appendFileSync(file as number, line));
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

function writeRows(path: string, tables: ReadonlyMap<string, ReadonlyMap<string, unknown>>): void {
  // What a kill left there, or somebody put there, a named pipe for example, is not written to.
  rmSync(path, { force: true });
  const file = openSync(path, 'wx', OWNER_ONLY);
  try {
    let lines = [JSON.stringify({ format: FORMAT })];
    const write = () => {
      appendFileSync(file, lines.map((line) => `${line}\n`).join(''));
      lines = [];
    };
    for (const [name, rows] of tables)
      for (const [key, row] of rows) if (lines.push(lineOf([[name, key, row]])) === LINES_A_WRITE) write();
    write();
  } finally {
    closeSync(file);
  }
}

function* changesIn(path: string): Generator<Change> {
  if (!existsSync(path)) return;
  if (!statSync(path).isFile()) throw damaged(`${path} is no file`);
  let format: unknown = UNSUMMED_FORMAT;
  let number = 0;
  for (const line of wholeLines(readFileSync(path))) {
    number += 1;
    const header = number === 1 ? jsonOf(line) : undefined;
    if (isHeader(header)) {
      format = header.format;
      requireFormat(path, format);
      continue;
    }
    const batch = jsonOf(format === UNSUMMED_FORMAT ? line : summedText(line));
    if (!isBatch(batch)) throw damaged(`${path} is damaged in line ${number}`);
    yield* batch;
  }
}

function lineOf(batch: readonly Change[]): string {
  const text = JSON.stringify(batch);
  return `["${checksumOf(text)}",${text}]`;
}

/** The text that a line has the checksum of; empty when it is another's. */
function summedText(line: string): string {
  const [, checksum, text = ''] = /^\["([0-9a-f]{8})",(.*)\]$/s.exec(line) ?? [];
  return checksum === checksumOf(text) ? text : '';
}

const checksumOf = (text: string) => crc32(text).toString(16).padStart(8, '0');

function* wholeLines(bytes: Buffer): Generator<string> {
  for (let start = 0; ; ) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end === -1) return;
    yield bytes.toString('utf8', start, end);
    start = end + 1;
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const isHeader = (value: unknown): value is { readonly format: unknown } =>
  typeof value === 'object' && value !== null && 'format' in value;

const isBatch = (value: unknown): value is readonly Change[] => Array.isArray(value) && value.every(isChange);

const isChange = (value: unknown): value is Change =>
  Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string' && value.length <= 3;

function requireFormat(path: string, format: unknown): void {
  if (format === FORMAT || format === UNSUMMED_FORMAT) return;
  throw new LocalAwsFault(
    `${path} was written by another release of local AWS, in form ${JSON.stringify(format)}; this one reads form ${FORMAT}. Use that release, or another folder.`,
  );
}

const damaged = (what: string) =>
  new LocalAwsFault(
    `${what}, so that what was kept there cannot be gone on with. Put back a copy of the folder, or move it away and begin anew.`,
  );
