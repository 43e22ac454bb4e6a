/** The shapes that inputs of operations are made of. Each says what it wants, in words that follow the field's name. */
import * as z from 'zod/mini';
import { rotationStrategy } from '../../../events/fields';
import { PRIORITIES } from '../reencryption/quota/kms-quota';
import { WEEKDAYS } from '../rotation/work-window';
import { OUTCOMES } from '../subscriptions/subscription';

const NOT_EMPTY = 'must be text that is not empty';

/** Half a surrogate pair has no UTF-8: what holds one can be neither stored nor signed. */
const UTF_8 = z.regex(/^\P{Surrogate}*$/u, 'holds half of a surrogate pair, which is no Unicode text. Leave it out');

const text = (what: string, charactersMax: number, tooLong: string) =>
  z.string({ error: what }).check(z.minLength(1, what), z.maxLength(charactersMax, tooLong), UTF_8);

const named = (what: string) => text(what, 512, what);

/** How people name a key: see `find-key.ts`. */
export const keyName = named(
  'must name a KMS key: its full ARN, an alias/… or a key id of our account, or a customer id',
);

export const id = named(NOT_EMPTY);

export const yesOrNo = z.boolean({ error: 'must be true or false' });

export const count = z.int({ error: 'must be a whole number' });

/** What would happen is told, and nothing is touched. */
export const dryRun = z.optional(yesOrNo);

export const strategy = z.enum(rotationStrategy.options, {
  error: `must be one of ${rotationStrategy.options.join(', ')}`,
});

const day = z.enum(WEEKDAYS, { error: `must be one of ${WEEKDAYS.join(', ')}` });

/** Days and times, by the clock of a time zone that is said beside them. */
export const workDays = z.strictObject(
  { days: z.array(day, { error: 'must be a list of days' }), from: id, to: id },
  { error: 'must be an object { days, from, to }' },
);

export const workWindow = z.strictObject(
  { days: z.array(day, { error: 'must be a list of days' }), from: id, to: id, timeZone: id },
  { error: 'must be an object { days, from, to, timeZone }' },
);

export const priority = z.enum(PRIORITIES, { error: `must be one of ${PRIORITIES.join(', ')}` });

/** Text of a person for other people: bounded, so that it fits rows and pages. */
export const sentence = (what: string) => text(what, 500, 'has at most 500 characters');

export const reason = sentence('must say why, in words for whoever reads the audit stream');

const HASH = 'must be the hash of a certificate: 64 lower-case hex characters';

export const certificateHash = z.string({ error: HASH }).check(z.regex(/^[0-9a-f]{64}$/, HASH));

/** Some of the terms by which a key is retired: what is left out stays as it is. */
export const retirementTerms = z.strictObject(
  {
    quietDays: z.optional(count),
    approveDisable: z.optional(yesOrNo),
    disabledDays: z.optional(count),
    waitingDays: z.optional(count),
    onUse: z.optional(z.enum(['enable', 'alert'], { error: 'must be enable or alert' })),
  },
  { error: 'must be an object of quietDays, approveDisable, disabledDays, waitingDays and onUse, or some of them' },
);

/** One of these words. */
export const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

const names = z.optional(z.array(id, { error: 'must be a list' }));

/** Which entries are wanted: what is left out is not asked of an entry. */
export const entryFilter = {
  operations: names,
  dataStores: names,
  outcomes: z.optional(z.array(oneOf(OUTCOMES), { error: 'must be a list' })),
};
