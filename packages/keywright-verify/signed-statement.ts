/**
 * Statements that are signed: a note of two lines, the name of its kind and one JSON object in canonical form. What is signed so
 * reads one way only.
 */
import { hash } from 'node:crypto';
import { openNote, Refusal, readVerifierKey, verifierKey } from './note';

type Kind = 'certificate' | 'statement';

export interface OpenedStatement {
  readonly value: unknown;
  /** SHA-256 of the text, in hex. */
  readonly hash: string;
}

/**
 * Opens a signed statement of one kind.
 *
 * @param name The first line, and the name of the signer.
 * @param publicKey `name+keyid+key`: the same key under any of its names.
 * @throws Refusal `key-malformed`, `wrong-signer`, or that what it should be is malformed.
 */
export function openStatement(note: string | Uint8Array, publicKey: string, name: string, what: Kind): OpenedStatement {
  const { text } = openNote(note, verifierKey(name, readVerifierKey(publicKey).publicKey), what);
  const [first, json = ''] = text.split('\n');
  if (first !== name || text !== `${first}\n${json}\n`)
    throw malformed(what, `must be two lines, the first of them ${name}`);
  const value = parsed(json, what);
  // A member that is there twice would be read one way by people and another way by programs.
  if (canonical(value) !== json) throw malformed(what, 'is not in canonical form');
  return { value, hash: hash('sha256', text, 'hex') };
}

function parsed(json: string, what: Kind): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw malformed(what, 'has no JSON in its second line');
  }
}

/** RFC 8785, for what JSON.parse gives. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

/** Refuses a statement for its form. */
export const malformed = (what: Kind, problem: string): Refusal =>
  new Refusal(`${what}-malformed`, `The ${what} ${problem}.`);
