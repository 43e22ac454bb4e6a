/**
 * A fact as one object: its name, the reader, the builder and the pattern of the rule that receives it.
 *
 * A breaking change is a second contract beside the first (`key-rotated.v2`), never a changed one.
 */
import * as z from 'zod/mini';
import { instant, text } from './fields';

/** The EventBridge source of every fact. */
export const SOURCE = 'keywright';

/** What every fact carries besides its own fields. */
const common = {
  /** The same however often the fact is delivered: deduplicate on it. */
  factId: text,
  /** When it became true. */
  at: instant,
};

/** A fact ready to be written to the outbox and published from there. */
export interface Fact {
  readonly factId: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface EventContract<Detail> {
  /** `key-rotated.v1` */
  readonly detailType: string;
  /** The EventBridge rule pattern that matches this contract and nothing else. */
  readonly pattern: { readonly source: readonly string[]; readonly 'detail-type': readonly string[] };
  /**
   * Reads a received detail. Drops fields it does not know, so that a newer publisher breaks no older reader.
   *
   * @throws ContractViolation naming the field at fault.
   */
  read(detail: unknown): Detail;
  /** What each field has to be, those of every fact included. */
  readonly fields: Shape;
  /** Builds the fact. Writes only the contract's fields: a stray one cannot leave. Throws as `read` does. */
  of(detail: Detail): Fact;
}

export type DetailOf<Contract> = Contract extends EventContract<infer Detail> ? Detail : never;

/** What was received does not fit its contract. Never worth a retry. */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation';
  /** Where: `detail.kmsKeyArn`. */
  readonly path: string;

  constructor(path: string, problem: string, options?: { cause?: unknown }) {
    super(`${path}: ${problem}`, options);
    this.path = path;
  }
}

/** Fields by name. */
export type Shape = Readonly<Record<string, z.ZodMiniType>>;

/**
 * The contract of a fact: its name with its version, its fields, how it is made and how it is read. `read` throws `ContractViolation`
 * naming the field at fault.
 */
export function defineEvent<Fields extends Shape>(
  name: string,
  version: number,
  fields: Fields,
): EventContract<Readonly<z.output<z.ZodMiniObject<Fields & typeof common>>>> {
  type Detail = Readonly<z.output<z.ZodMiniObject<Fields & typeof common>>>;
  const detailType = `${name}.v${version}`;
  const schema = z.object({ ...fields, ...common });

  const read = (detail: unknown): Detail => readWith(schema, 'detail', detail) as Detail;
  return {
    detailType,
    fields: { ...fields, ...common },
    pattern: { source: [SOURCE], 'detail-type': [detailType] },
    read,
    of(detail) {
      const checked = read(detail) as Detail & { readonly factId: string };
      return { factId: checked.factId, detailType, detail: checked };
    },
  };
}

/** Reads a value with a schema and names the first field at fault. */
export function readWith<Schema extends z.ZodMiniType>(schema: Schema, root: string, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  const path = [root, ...(first?.path ?? [])].map(String).join('.');
  throw new ContractViolation(path, first?.message || 'does not fit', { cause: result.error });
}
