/**
 * What only one of two sides has, of more than memory holds: the names of both are put into some hundred files by their
 * hash, and each file is compared by itself. A name that a side has more than once counts once.
 */
import { hash } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Forty million names of each side are some fifty megabytes in a file. */
const FILES = 256;
/** So much of each file is held before it goes to disk. */
const PENDING_CHARACTERS_MAX = 16_384;

export type Side = 'stream' | 'cloudtrail';

export interface Lone<Detail> {
  readonly onlyIn: Side;
  readonly detail: Detail;
}

export interface Sides<Detail> {
  add(side: Side, name: string, detail: Detail): void;
  /** The names that one side lacks. To be asked once. */
  lone(): Generator<Lone<Detail>, void>;
  /** How many names both have; known when `lone` is through. */
  readonly matched: number;
  /** Removes the files. */
  remove(): void;
}

/** Sides whose names lie in a temporary folder until `remove`. */
export function splitSides<Detail>(): Sides<Detail> {
  const folder = mkdtempSync(join(tmpdir(), 'keywright-compare-'));
  const pending = new Array<string>(FILES).fill('');
  let matched = 0;
  const flush = (file: number): void => {
    appendFileSync(join(folder, String(file)), pending[file] ?? '');
    pending[file] = '';
  };

  return {
    add(side, name, detail) {
      const file = hash('sha256', name, 'buffer')[0] ?? 0;
      pending[file] += `${JSON.stringify([side, name, detail])}\n`;
      if ((pending[file]?.length ?? 0) > PENDING_CHARACTERS_MAX) flush(file);
    },
    *lone() {
      for (let file = 0; file < FILES; file++) {
        flush(file);
        const found = new Map<string, { readonly sides: Set<Side>; readonly detail: Detail }>();
        for (const [side, name, detail] of linesOf<[Side, string, Detail]>(join(folder, String(file)))) {
          const known = found.get(name) ?? { sides: new Set(), detail };
          known.sides.add(side);
          found.set(name, known);
        }
        for (const { sides, detail } of found.values()) {
          const [onlyIn, other] = sides;
          if (other !== undefined || onlyIn === undefined) matched += 1;
          else yield { onlyIn, detail };
        }
      }
    },
    get matched() {
      return matched;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function* linesOf<Line>(file: string): Generator<Line> {
  if (!existsSync(file)) return;
  for (const line of readFileSync(file, 'utf8').split('\n')) if (line !== '') yield JSON.parse(line);
}
