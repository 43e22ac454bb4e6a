/**
 * What the scenario must remember when it is killed and started again: choices that were made once and instants of acts
 * that it measures from. Everything else it finds in the state of the product and of AWS.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

type Note = string | number;

export interface Notes {
  get<Value extends Note>(name: string): Value | undefined;
  /** Keeps the value and gives it back; the first value of a name is the one that counts. */
  once<Value extends Note>(name: string, value: () => Value): Value;
}

/** @param path Kept in memory only without one. */
export function openNotes(path?: string): Notes {
  const notes: Record<string, Note> = path && existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const save = () => {
    if (!path) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, JSON.stringify(notes, null, 1));
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
