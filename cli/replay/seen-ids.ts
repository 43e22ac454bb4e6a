/**
 * A set of 128-bit names in typed arrays: 17 bytes a slot, where a Set of strings takes over a hundred. With it a replay
 * remembers millions of events in bounded memory.
 */
import { hash } from 'node:crypto';

/** In the customer's stream before this run. */
export const IN_STREAM = 1;
/** Met in this run's input. */
export const IN_INPUT = 2;

export interface SeenIds {
  /**
   * Adds a mark to a name within a stream.
   *
   * @returns the marks that it had before; 0 for a new name.
   */
  mark(name: string, stream: number, mark: typeof IN_STREAM | typeof IN_INPUT): number;
  readonly size: number;
}

const WORDS = 4;
/** Slots in use before the table doubles: with linear probing longer runs would be slow. */
const LOAD_MAX = 0.6;
const FIRST_CAPACITY = 1024;
/** Spreads small stream numbers over all bits: 2^32 divided by the golden ratio. */
const SPREAD = 0x9e3779b1;

export function seenIds(): SeenIds {
  let capacity = FIRST_CAPACITY;
  let words = new Uint32Array(capacity * WORDS);
  let marks = new Uint8Array(capacity);
  let size = 0;
  const wanted = new Uint32Array(WORDS);

  function slotOf(from: Uint32Array, offset: number): number {
    const [first = 0, second = 0, third = 0, fourth = 0] = from.subarray(offset, offset + WORDS);
    let slot = (first ^ Math.imul(fourth, SPREAD)) & (capacity - 1);
    for (; marks[slot] !== 0; slot = (slot + 1) & (capacity - 1)) {
      const at = slot * WORDS;
      if (words[at] === first && words[at + 1] === second && words[at + 2] === third && words[at + 3] === fourth) break;
    }
    return slot;
  }

  function grow(): void {
    const [oldWords, oldMarks] = [words, marks];
    capacity *= 2;
    words = new Uint32Array(capacity * WORDS);
    marks = new Uint8Array(capacity);
    for (let old = 0; old < oldMarks.length; old++) {
      if (oldMarks[old] === 0) continue;
      const slot = slotOf(oldWords, old * WORDS);
      words.set(oldWords.subarray(old * WORDS, (old + 1) * WORDS), slot * WORDS);
      marks[slot] = oldMarks[old] ?? 0;
    }
  }

  return {
    mark(name, stream, mark) {
      readName(name, stream, wanted);
      const slot = slotOf(wanted, 0);
      const before = marks[slot] ?? 0;
      if (before === 0) {
        words.set(wanted, slot * WORDS);
        size += 1;
      }
      marks[slot] = before | mark;
      if (size > capacity * LOAD_MAX) grow();
      return before;
    },
    get size() {
      return size;
    },
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** CloudTrail's ids are UUIDs, taken as they are. Any other name is hashed to the same width. */
function readName(name: string, stream: number, into: Uint32Array): void {
  const hex = UUID.test(name) ? name.replaceAll('-', '') : hash('sha256', name, 'hex');
  for (let word = 0; word < WORDS; word++) into[word] = Number.parseInt(hex.slice(word * 8, word * 8 + 8), 16);
  into[WORDS - 1] = ((into[WORDS - 1] ?? 0) ^ Math.imul(stream, SPREAD)) >>> 0;
}
