/**
 * Reads the text of a policy. Whoever wrote it, it is read within bounds: what is no policy, or one that says more than we
 * know of, is refused with the reason, and nothing is concluded from it.
 * Source: IAM User Guide, "IAM JSON policy element reference" and "Grammar of the IAM JSON policy language".
 */
import * as z from 'zod/mini';
import { cutText } from '../paging/cut-text';

/** Of a key policy, in bytes: no text of more characters is one. Source: KMS developer guide, "Resource quotas". */
export const POLICY_MAX = 32_768;

/** A Sid is the customer's text: so much of it names a statement. */
const SID_MAX = 100;

const oneOrMany = <Schema extends z.core.$ZodType>(schema: Schema) => z.union([schema, z.array(schema)]);
const texts = oneOrMany(z.string());
const principals = z.union([z.literal('*'), z.record(z.string(), texts)]);

/** Elements that are not among these are refused: one that was left out would make a statement say something else. */
const STATEMENT = z.strictObject({
  Sid: z.optional(z.string()),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.optional(principals),
  NotPrincipal: z.optional(principals),
  Action: z.optional(texts),
  NotAction: z.optional(texts),
  Resource: z.optional(texts),
  NotResource: z.optional(texts),
  Condition: z.optional(
    z.record(z.string(), z.record(z.string(), oneOrMany(z.union([z.string(), z.number(), z.boolean()])))),
  ),
});

const DOCUMENT = z.strictObject({
  Version: z.optional(z.enum(['2008-10-17', '2012-10-17'])),
  Id: z.optional(z.string()),
  Statement: oneOrMany(STATEMENT),
});

/** What a Principal element says: everybody, or names by their kind. */
export type Principals = z.output<typeof principals>;

/** A list of a statement, and whether it names what the statement is about or what it is not. */
export interface Listed<Names> {
  readonly names: Names;
  readonly isExcept: boolean;
}

export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly wanted: readonly string[];
}

export interface Statement {
  /** Its Sid, or its place: `statement 3`. */
  readonly name: string;
  readonly effect: 'Allow' | 'Deny';
  /** Undefined in a policy that is attached to whoever calls. */
  readonly principals: Listed<Principals> | undefined;
  readonly actions: Listed<readonly string[]>;
  /** Undefined in a trust policy: what it is attached to. */
  readonly resources: Listed<readonly string[]> | undefined;
  readonly conditions: readonly Condition[];
}

export interface Policy {
  readonly statements: readonly Statement[];
  /** Before version 2012-10-17 `${...}` is text like any other. */
  readonly hasVariables: boolean;
}

/** Reads a policy. Never throws. @returns the policy, or what keeps it from being one. */
export function readPolicy(text: string): Policy | { readonly fault: string } {
  if (text.length > POLICY_MAX) return { fault: `the policy is longer than ${POLICY_MAX} characters` };
  const read = z.safeParse(DOCUMENT, parsed(text));
  if (!read.success) return { fault: `the policy is none that we can read: ${placeOf(read.error.issues[0])}` };
  const written = listOf(read.data.Statement);
  const unclear = written.findIndex((statement) => !isClear(statement));
  if (unclear >= 0) return { fault: `statement ${unclear + 1} of the policy contradicts itself or names no action` };
  return { statements: written.map(statementOf), hasVariables: read.data.Version === '2012-10-17' };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const placeOf = (issue: { readonly path: readonly PropertyKey[] } | undefined): string =>
  cutText(issue?.path.length ? `see ${issue.path.map(String).join('.')}` : 'it is no policy document', SID_MAX);

type Written = z.output<typeof STATEMENT>;

/** An element and its opposite exclude each other. */
const isClear = (statement: Written): boolean =>
  (statement.Action === undefined) !== (statement.NotAction === undefined) &&
  (statement.Principal === undefined || statement.NotPrincipal === undefined) &&
  (statement.Resource === undefined || statement.NotResource === undefined);

const statementOf = (statement: Written, at: number): Statement => ({
  name: statement.Sid ? cutText(statement.Sid, SID_MAX) : `statement ${at + 1}`,
  effect: statement.Effect,
  principals: either(statement.Principal, statement.NotPrincipal),
  actions: listed(statement.Action, statement.NotAction) ?? { names: [], isExcept: false },
  resources: listed(statement.Resource, statement.NotResource),
  conditions: Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, wanted]) => ({ operator, key, wanted: listOf(wanted).map(String) })),
  ),
});

function either<Names>(named: Names | undefined, except: Names | undefined): Listed<Names> | undefined {
  if (named !== undefined) return { names: named, isExcept: false };
  return except === undefined ? undefined : { names: except, isExcept: true };
}

const listed = (named: OneOrMany | undefined, except: OneOrMany | undefined) =>
  either(optional(named), optional(except));

const optional = (value: OneOrMany | undefined) => (value === undefined ? undefined : listOf(value));

type OneOrMany = string | readonly string[];

function listOf<Item>(value: Item | readonly Item[]): readonly Item[] {
  return Array.isArray(value) ? value : [value as Item];
}
