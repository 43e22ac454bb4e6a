/**
 * Shapes of foreign records: one definition, two readers of it.
 *
 * `schemaOf` gives the zod contract: the specification, and what tests compare with. `faultIn` is what runs on every
 * record: it answers the same question by walking the value once, without copying it, at a twentieth of the cost. A
 * property test holds the two together.
 *
 * A shape names only the fields that this product reads. Any other field is kept as it is and never refused, and an
 * optional field may be absent or null alike: CloudTrail writes both.
 */
import * as z from 'zod/mini';

type Leaf = keyof typeof LEAVES;
export type FieldShape =
  | { readonly is: Leaf; readonly required?: true }
  | { readonly fields: Shape; readonly required?: true }
  | { readonly each: Shape; readonly required?: true };
export type Shape = Readonly<Record<string, FieldShape>>;

export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object: no list, no null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Name and value pairs that KMS binds to a ciphertext. CloudTrail logs them in clear. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** What a single value can be asked to be. */
const LEAVES = {
  string: { fits: (value: unknown) => typeof value === 'string', must: 'must be a string' },
  boolean: { fits: (value: unknown) => typeof value === 'boolean', must: 'must be true or false' },
  number: { fits: (value: unknown) => typeof value === 'number', must: 'must be a number' },
  /** Identifiers and names; the bound keeps a hostile one out of keys and entries. AWS's own are far shorter. */
  text: {
    fits: (value: unknown) => typeof value === 'string' && value.length > 0 && value.length <= 256,
    must: 'must be a string of 1 to 256 characters',
  },
  /** `1.02` to `1.11` and later minors. A new major may mean anything else. Source: CloudTrail record contents. */
  version: {
    fits: (value: unknown) => typeof value === 'string' && /^1\.\d{1,3}$/.test(value),
    must: 'must be a version 1.x',
  },
  time: {
    fits: (value: unknown) => typeof value === 'string' && UTC_TIME.test(value),
    must: 'must be a UTC instant such as 2026-01-01T00:00:00Z',
  },
  account: {
    fits: (value: unknown) => typeof value === 'string' && /^\d{12}$/.test(value),
    must: 'must be an AWS account id of 12 digits',
  },
  context: { fits: isContext, must: 'must be an object whose values are strings' },
} as const satisfies Record<string, { fits: (value: unknown) => boolean; must: string }>;

/** Second precision as CloudTrail writes it, or finer. */
const UTC_TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/;

function isContext(value: unknown): value is EncryptionContext {
  if (!isObject(value)) return false;
  for (const name in value) if (typeof value[name] !== 'string') return false;
  return true;
}

/** Where a value leaves its shape, and how. */
export interface Fault {
  readonly path: string;
  readonly problem: string;
}

/** A shape made ready for the reader: lists are walked several times faster than objects. */
export type Reader = readonly {
  readonly name: string;
  readonly required: boolean;
  readonly leaf: (typeof LEAVES)[Leaf] | undefined;
  readonly fields: Reader | undefined;
  readonly each: Reader | undefined;
}[];

/** The fields of a shape in a form that reads records fast: made once, at start. */
export function readerOf(shape: Shape): Reader {
  return Object.entries(shape).map(([name, field]) => ({
    name,
    required: field.required === true,
    leaf: 'is' in field ? LEAVES[field.is] : undefined,
    fields: 'fields' in field ? readerOf(field.fields) : undefined,
    each: 'each' in field ? readerOf(field.each) : undefined,
  }));
}

/** The first field that does not fit, in the order of the shape; undefined when all do. */
export function faultIn(reader: Reader, value: unknown, path: string): Fault | undefined {
  if (!isObject(value)) return { path, problem: 'must be an object' };
  for (let at = 0; at < reader.length; at++) {
    const field = reader[at] as Reader[number];
    const found = value[field.name];
    if (found === undefined || found === null) {
      if (field.required) return { path: `${path}.${field.name}`, problem: 'is missing' };
    } else if (field.leaf) {
      if (!field.leaf.fits(found)) return { path: `${path}.${field.name}`, problem: field.leaf.must };
    } else {
      const fault = faultBelow(field, found);
      if (fault) return { path: `${path}.${fault.path}`, problem: fault.problem };
    }
  }
  return undefined;
}

function faultBelow({ name, fields, each }: Reader[number], found: unknown): Fault | undefined {
  if (fields) return faultIn(fields, found, name);
  if (!each) return undefined;
  if (!Array.isArray(found)) return { path: name, problem: 'must be a list' };
  for (let index = 0; index < found.length; index++) {
    const fault = faultIn(each, found[index], String(index));
    if (fault) return { path: `${name}.${fault.path}`, problem: fault.problem };
  }
  return undefined;
}

/** The same shape as a zod contract. */
export function schemaOf(shape: Shape): z.ZodMiniType {
  const fields = Object.entries(shape).map(([name, field]) => {
    const schema = fieldSchema(field);
    return [name, field.required ? schema : z.nullish(schema)] as const;
  });
  return z.looseObject(Object.fromEntries(fields));
}

function fieldSchema(field: FieldShape): z.ZodMiniType {
  if ('is' in field) {
    const leaf = LEAVES[field.is];
    return z.unknown().check(z.refine(leaf.fits, leaf.must));
  }
  return 'fields' in field ? schemaOf(field.fields) : z.array(schemaOf(field.each));
}
