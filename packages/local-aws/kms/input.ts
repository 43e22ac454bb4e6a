/**
 * Reads an operation's input by its schema and refuses it in AWS's words.
 *
 * Texts as recorded from AWS: "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint:
 * Member must have value greater than or equal to 1". The value of a binary field is never repeated.
 */
import type * as z from 'zod/mini';
import { AwsError, type JsonObject } from '../call';

type Issue = z.core.$ZodIssue;

/** @throws AwsError ValidationException naming the field; SerializationException when a value has the wrong JSON type. */
export function readInput<Schema extends z.ZodMiniType>(schema: Schema, input: JsonObject): z.output<Schema> {
  const result = schema.safeParse(withoutNulls(input));
  if (result.success) return result.data;
  const { issues } = result.error;
  const misread = issues.find((issue) => issue.code === 'invalid_type' && at(input, issue.path) !== undefined);
  if (misread)
    throw new AwsError('SerializationException', `Unexpected value type in payload at '${fieldOf(misread)}'`);
  const count = issues.length === 1 ? '1 validation error' : `${issues.length} validation errors`;
  throw validationError(`${count} detected: ${issues.map((issue) => complaint(issue, input)).join('; ')}`);
}

export function validationError(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** AWS reads a JSON null as an absent field. */
function withoutNulls(input: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
}

function complaint(issue: Issue, input: JsonObject): string {
  const value = at(input, issue.path);
  const shown = issue.code === 'custom' ? 'Value' : value === undefined ? 'Value null' : `Value '${shownOf(value)}'`;
  return `${shown} at '${fieldOf(issue)}' failed to satisfy constraint: ${constraintOf(issue)}`;
}

function constraintOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return 'Member must not be null';
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.join(', ')}]`;
    case 'invalid_format':
      return `Member must satisfy regular expression pattern: ${patternOf(issue)}`;
    case 'too_small':
      return `Member must have ${measureOf(issue.origin)} greater than or equal to ${issue.minimum}`;
    case 'too_big':
      return `Member must have ${measureOf(issue.origin)} less than or equal to ${issue.maximum}`;
    default:
      return issue.message;
  }
}

const measureOf = (origin: string) => (origin === 'string' || origin === 'array' ? 'length' : 'value');

const patternOf = (issue: { readonly pattern?: string | undefined }) =>
  (issue.pattern ?? '').replace(/^\/|\/[a-z]*$/g, '').replaceAll('\\/', '/');

/** `Tags[0].TagValue` is `tags.1.member.tagValue` to AWS. */
function fieldOf(issue: Issue): string {
  return issue.path
    .map((part) => (typeof part === 'number' ? `${part + 1}.member` : lowerFirst(String(part))))
    .join('.');
}

export function lowerFirst(name: string): string {
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (value as Record<PropertyKey, unknown> | null | undefined)?.[part],
    input,
  );
}

function shownOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
