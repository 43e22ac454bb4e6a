/** What callers hand in, checked before anything is done with it. */
import { EnvelopeError } from './errors';

/** Whose data it is, and where it rests. Both must be registered. */
export interface Place {
  readonly customerId: string;
  readonly dataStoreId: string;
}

const ID_CHARACTERS_MAX = 256;

/** @throws EnvelopeError `INVALID_ARGUMENT` naming the field. */
export function checkPlace(place: Place): void {
  for (const field of ['customerId', 'dataStoreId'] as const) {
    if (isId(place?.[field])) continue;
    throw invalid(field, `must be the id of a registered ${field === 'customerId' ? 'customer' : 'data store'}`);
  }
}

/** @throws EnvelopeError `INVALID_ARGUMENT` naming the argument. Text must be encoded by the caller, who knows how. */
export function checkBytes(argument: string, value: unknown): void {
  if (!(value instanceof Uint8Array)) throw invalid(argument, 'must be a Uint8Array or Buffer');
}

/** Half a surrogate pair has no UTF-8: two ids that differ in it would be stored under one name. */
const isId = (value: unknown) =>
  typeof value === 'string' && value !== '' && value.length <= ID_CHARACTERS_MAX && !/\p{Surrogate}/u.test(value);

/** Refuses an argument: which one, and what is wrong with it. */
export const invalid = (argument: string, problem: string) =>
  new EnvelopeError('INVALID_ARGUMENT', `${argument}: ${problem}.`);
