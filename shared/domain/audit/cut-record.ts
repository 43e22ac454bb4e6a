/** A record that is larger than an entry may be loses its largest members, and says which. */
import { hash } from 'node:crypto';
import { jsonString, jsonStrings } from './json-text';
import { membersOf } from './raw-json';

/** Which members are gone. */
export interface Gone {
  readonly fields: readonly string[];
  /** How many are gone, and of their names as a JSON list in the record's order: where `fields` would be too long. */
  readonly fieldCount?: number;
  readonly fieldsSha256?: string;
}

/** A member of a record. */
interface Member {
  readonly name: string;
  /** Name and value as JSON. */
  readonly json: string;
  readonly bytes: number;
  /** Of the value, in characters. */
  readonly size: number;
}

/**
 * The record without its largest members, so that it fits behind what is said of those that are gone.
 *
 * @param text the record as JSON without whitespace between its parts; what stays of it, stays as it is.
 * @param opening what stands before the record in its entry.
 * @returns undefined where names alone are too many.
 */
export function cutToFit(
  text: string,
  bytesMax: number,
  opening: (gone: Gone) => string,
): { readonly opening: string; readonly record: string } | undefined {
  const members = membersIn(text);
  for (const way of [NAMED, COUNTED]) {
    const gone = goneFrom(members, way, bytesMax, opening);
    const start = opening(way.said(members.filter((member) => gone.has(member))));
    const left = members.filter((member) => !gone.has(member)).map(({ json }) => json);
    const record = `{${left.join(',')}}`;
    if (Buffer.byteLength(start) + Buffer.byteLength(record) + '}'.length <= bytesMax)
      return { opening: start, record };
  }
  return undefined;
}

const membersIn = (text: string): readonly Member[] =>
  [...membersOf(text)].map(([name, value]) => {
    const json = `${jsonString(name)}:${value.text}`;
    return { name, json, bytes: Buffer.byteLength(json), size: value.text.length };
  });

const namesOf = (members: readonly Member[]): readonly string[] => members.map(({ name }) => name);

const largestFirst = (members: readonly Member[]): Member[] => [...members].sort((one, other) => other.size - one.size);

/** How an entry says which members are gone: those come in the order of the record. */
interface Way {
  said(gone: readonly Member[]): Gone;
  /** The most bytes that one more of them adds to what is said. */
  bytesFor(name: string): number;
}

const NAMED: Way = {
  said: (gone) => ({ fields: namesOf(largestFirst(gone)) }),
  bytesFor: (name) => Buffer.byteLength(jsonString(name)) + ','.length,
};

const COUNT_DIGITS = 8;

/** Where their names alone are too many. */
const COUNTED: Way = {
  said: (gone) => ({
    fields: [],
    fieldCount: gone.length,
    fieldsSha256: hash('sha256', jsonStrings(namesOf(gone)), 'hex'),
  }),
  bytesFor: () => 0,
};

/** The largest members go until the rest fits. Each is measured once: a record may have a hundred thousand. */
function goneFrom(
  members: readonly Member[],
  way: Way,
  bytesMax: number,
  opening: (gone: Gone) => string,
): ReadonlySet<Member> {
  let bytes = Buffer.byteLength(`${opening(way.said([]))}{}}`) + COUNT_DIGITS;
  for (const member of members) bytes += member.bytes + ','.length;
  const gone = new Set<Member>();
  for (const member of largestFirst(members)) {
    if (gone.size > 0 && bytes <= bytesMax) break;
    gone.add(member);
    bytes += way.bytesFor(member.name) - member.bytes - ','.length;
  }
  return gone;
}
