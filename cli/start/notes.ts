/**
 * What the scenario must remember when it is killed and started again: choices that were made once and instants of acts
 * that it measures from. Everything else it finds in the state of the product and of AWS.
 */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { onFile } from 'local-aws/file-errors';
import { LocalAwsFault } from 'local-aws/start-refused';
import { FileRefused, readFileWithin } from 'safe-files/read-file';

type Note = string | number;

/** A few dozen notes of a line each. */
const NOTES_BYTES_MAX = 1_000_000;

export interface Notes {
  get<Value extends Note>(name: string): Value | undefined;
  /** Keeps the value and gives it back; the first value of a name is the one that counts. */
  once<Value extends Note>(name: string, value: () => Value): Value;
}

/**
 * @param path Kept in memory only without one.
 * @throws LocalAwsFault when what is kept there is no notes.
 */
export function openNotes(path?: string): Notes {
  const notes: Record<string, Note> = path && existsSync(path) ? readNotes(path) : {};
  const save = () => {
    if (!path) return;
    mkdirSync(dirname(path), { recursive: true });
    rmSync(`${path}.new`, { force: true });
    onFile(`${path}.new`, () => writeFileSync(`${path}.new`, JSON.stringify(notes, null, 1), { flag: 'wx' }));
    renameSync(`${path}.new`, path);
  };
  return {
    get: <Value extends Note>(name: string) => notes[name] as Value | undefined,
    once<Value extends Note>(name: string, value: () => Value) {
      const known = notes[name];
      if (known !== undefined) return known as Value;
      const made = value();
      notes[name] = made;
      save();
      return made;
    },
  };
}

function readNotes(path: string): Record<string, Note> {
  const notes: unknown = onFile(path, () => jsonIn(path));
  const isNote = (value: unknown): value is Note => ['string', 'number'].includes(typeof value);
  if (typeof notes === 'object' && notes && !Array.isArray(notes) && Object.values(notes).every(isNote)) {
    return notes as Record<string, Note>;
  }
  throw new LocalAwsFault(
    `${path} is damaged, so that the scenario cannot go on. Put back a copy of ${dirname(path)}, or move it away and begin anew.`,
  );
}

/** Undefined for what is no file, or none of JSON. */
function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileWithin(path, NOTES_BYTES_MAX).toString('utf8'));
  } catch (error) {
    if (error instanceof FileRefused || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
