/** `{"wildcard": "arn:aws:kms:*:alias/*"}`: `*` stands for any characters, `\*` and `\\` for themselves. */
import { PatternFault } from './pattern-text';

/** The literal texts between the asterisks: `a*b` is `['a', 'b']`. */
export type Wildcard = readonly string[];

/**
 * How many ways of reading one text may be open at the same time before EventBridge calls a pattern too complex.
 *
 * AWS publishes no figure. Of the recorded patterns the most complex accepted one keeps 7 ways open and the only
 * refused one 11; the line is drawn between.
 */
const OPEN_WAYS_MAX = 10;
/** A bound on the work of finding that out; reaching it also counts as too complex. */
const STEPS_MAX = 20_000;

/** @throws PatternFault in AWS's words; positions count from the opening quotation mark, as AWS does. */
export function readWildcard(pattern: string): Wildcard {
  const parts = [''];
  for (let index = 0; index < pattern.length; index += 1) {
    let character = pattern.charAt(index);
    if (character === '*') {
      if (pattern[index + 1] === '*') throw new PatternFault(`Consecutive wildcard characters at pos ${index + 1}`);
      parts.push('');
      continue;
    }
    if (character === '\\') {
      character = pattern.charAt(index + 1);
      if (character !== '*' && character !== '\\') {
        throw new PatternFault(`Invalid escape character at pos ${index + 1}`);
      }
      index += 1;
    }
    parts.push((parts.pop() ?? '') + character);
  }
  return parts;
}

export function matchesWildcard(parts: Wildcard, text: string): boolean {
  const first = parts[0] ?? '';
  if (parts.length === 1) return text === first;
  const last = parts[parts.length - 1] ?? '';
  const end = text.length - last.length;
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  for (let index = 1; index < parts.length - 1; index += 1) {
    const part = parts[index] ?? '';
    const found = text.indexOf(part, from);
    if (found < 0 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}

/** Whether some text could keep too many ways of reading it open: many asterisks, or repetitions behind one. */
export function isTooComplex(parts: Wildcard): boolean {
  const machine = machineOf(parts);
  const alphabet = new Set(parts.join(''));
  const seen = new Set<string>();
  const queue: (readonly number[])[] = [[0]];
  for (let states = queue.pop(); states !== undefined; states = queue.pop()) {
    if (states.length > OPEN_WAYS_MAX || seen.size > STEPS_MAX) return true;
    for (const character of alphabet) {
      const next = machine.step(states, character);
      const key = next.join();
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(next);
    }
  }
  return false;
}

/**
 * The pattern as an automaton. A state is a place in the pattern's characters, and whether an asterisk there is already
 * standing for something: `2 * place`, plus 1 if it is.
 */
function machineOf(parts: Wildcard) {
  const characters = parts.join('');
  const asterisks = new Set<number>();
  let place = 0;
  for (const part of parts.slice(0, -1)) {
    place += part.length;
    asterisks.add(place);
  }
  return {
    step(states: readonly number[], character: string): readonly number[] {
      const next = new Set<number>();
      for (const state of states) {
        const at = state >> 1;
        if (asterisks.has(at)) next.add(2 * at + 1);
        if (characters[at] === character) next.add(2 * (at + 1));
      }
      return [...next].sort((one, other) => one - other);
    },
  };
}
