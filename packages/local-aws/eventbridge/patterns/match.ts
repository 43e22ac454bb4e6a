/**
 * Whether an event meets the conditions of a pattern: the hot path of every bus.
 *
 * Values inside arrays count one by one. Conditions on fields of objects in an array must be met by one and the same
 * element, as in aws/event-ruler ("array consistency"). `{"exists": false}` asks that no value stands at the path in the
 * elements chosen for the other conditions, or in the whole event when none were chosen. Nothing is allocated unless a value inside an array of objects fits.
 */
import type { Json, JsonObject } from '../../call';
import type { Scalar, Test } from './operator';

/** A value at the path must pass one of the tests. */
export interface Condition {
  readonly tests: readonly Test[];
  readonly mayBeAbsent: boolean;
  readonly usesWildcard: boolean;
}

/** Elements of arrays, each named by array and index, in which a value stands: `[array, 2, inner, 0]`. */
type Place = readonly (readonly Json[] | number)[];

/** A condition on its way through one event. Matching is synchronous, so one progress serves all events in turn. */
interface Search extends Condition {
  /** `keys[from]` lists the names under which the path can go on from there: `a`, `a.b`, `a.b.c`. */
  readonly keys: readonly (readonly string[])[];
  /** The elements of arrays on the way from the event to where the search stands. */
  readonly trail: (readonly Json[] | number)[];
  /** A fitting value stands outside every array of objects: nothing can contradict it. */
  isFree: boolean;
  /** So does a value that does not fit: the field cannot count as absent. */
  isPresent: boolean;
  /** Where fitting values stand inside arrays of objects. */
  readonly fitting: Place[];
  /** Where any values stand there, kept for fields that may be absent. */
  readonly standing: Place[];
}

export type Alternative = readonly Search[];

export function alternativeOf(conditions: ReadonlyMap<string, Condition>): Alternative {
  return [...conditions].map(([path, condition]) => ({
    ...condition,
    keys: keysOf(path.split('.')),
    trail: [],
    isFree: false,
    isPresent: false,
    fitting: [],
    standing: [],
  }));
}

function keysOf(segments: readonly string[]): readonly (readonly string[])[] {
  return segments.map((_, from) =>
    segments.slice(from).map((__, more) => segments.slice(from, from + more + 1).join('.')),
  );
}

export function matches(alternatives: readonly Alternative[], event: JsonObject): boolean {
  for (const alternative of alternatives) if (meets(alternative, event)) return true;
  return false;
}

function meets(alternative: Alternative, event: JsonObject): boolean {
  let undecided: Search[] | undefined;
  for (const search of alternative) {
    search.isFree = false;
    search.isPresent = false;
    search.fitting.length = 0;
    search.standing.length = 0;
    seek(search, event, 0);
    if (search.isFree) continue;
    const mayBeAbsent = search.mayBeAbsent && !search.isPresent;
    if (search.fitting.length === 0 && !mayBeAbsent) return false;
    if (search.fitting.length === 0 && search.standing.length === 0) continue;
    undecided ??= [];
    undecided.push(search);
  }
  return undecided === undefined || canAgree(undecided, { index: 0, chosen: [], absent: [] });
}

function seek(search: Search, value: Json | undefined, from: number): void {
  if (value === undefined) return;
  if (value === null || typeof value !== 'object') {
    if (from === search.keys.length) take(search, value);
  } else if (isArray(value)) {
    seekInArray(search, value, from);
  } else {
    seekInObject(search, value, from);
  }
}

function seekInObject(search: Search, value: JsonObject, from: number): void {
  const keys = search.keys[from];
  if (keys === undefined) return;
  for (let more = 0; more < keys.length && !search.isFree; more += 1) {
    const key = keys[more] ?? '';
    const next = value[key];
    if (next !== undefined && Object.hasOwn(value, key)) seek(search, next, from + more + 1);
  }
}

function seekInArray(search: Search, value: readonly Json[], from: number): void {
  for (let index = 0; index < value.length && !search.isFree; index += 1) {
    const element = value[index];
    if (typeof element === 'object' && element !== null) {
      search.trail.push(value, index);
      seek(search, element, from);
      search.trail.length -= 2;
    } else {
      seek(search, element, from);
    }
  }
}

function take(search: Search, value: Scalar): void {
  const fits = passes(search.tests, value);
  if (search.trail.length === 0) {
    search.isFree = fits;
    search.isPresent = true;
    return;
  }
  if (!fits && !search.mayBeAbsent) return;
  const place = [...search.trail];
  if (fits) search.fitting.push(place);
  if (search.mayBeAbsent) search.standing.push(place);
}

function passes(tests: readonly Test[], value: Scalar): boolean {
  for (const test of tests) if (test(value)) return true;
  return false;
}

interface Choice {
  readonly index: number;
  readonly chosen: readonly Place[];
  /** Fields taken to be absent from the chosen elements. */
  readonly absent: readonly Search[];
}

/** Whether a place can be chosen for each field so that no array is asked for two different elements. */
function canAgree(undecided: readonly Search[], { index, chosen, absent }: Choice): boolean {
  const search = undecided[index];
  if (search === undefined) {
    return absent.every(({ standing }) => !standing.some((place) => agreesWithAll(place, chosen)));
  }
  const next = index + 1;
  for (const place of search.fitting) {
    if (!agreesWithAll(place, chosen)) continue;
    if (canAgree(undecided, { index: next, chosen: [...chosen, place], absent })) return true;
  }
  const mayBeAbsent = search.mayBeAbsent && !search.isPresent;
  return mayBeAbsent && canAgree(undecided, { index: next, chosen, absent: [...absent, search] });
}

function agreesWithAll(place: Place, chosen: readonly Place[]): boolean {
  return chosen.every((other) => agree(place, other));
}

function agree(one: Place, other: Place): boolean {
  for (let index = 0; index < one.length; index += 2) {
    const same = other.indexOf(one[index] as readonly Json[]);
    if (same >= 0 && other[same + 1] !== one[index + 1]) return false;
  }
  return true;
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
