/** What a field's schema is called on a page. */
import * as z from 'zod/mini';
import { accountId, instant, keyMaterialId, kmsKeyArn, text, wholeNumber } from '../../events/fields';

type Schema = z.ZodMiniType;

/** Compared by what they accept, so that a schema made elsewhere the same way has the same name. */
const NAMED: ReadonlyMap<string, string> = new Map(
  (
    [
      [text, 'text'],
      [wholeNumber, 'whole number'],
      [instant, 'UTC instant, `2026-01-31T12:00:00.000Z`'],
      [kmsKeyArn, 'full ARN of a KMS key'],
      [keyMaterialId, 'id of key material, 64 hex characters'],
      [accountId, 'AWS account id, 12 digits'],
    ] as const
  ).map(([schema, name]) => [formOf(schema), name]),
);

export function typeOf(schema: Schema): { readonly type: string; readonly isOptional: boolean } {
  const isOptional = schema.safeParse(undefined).success;
  return { type: nameOf(z.toJSONSchema(schema, { io: 'output' }) as JsonSchema), isOptional };
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

function nameOf(schema: JsonSchema): string {
  const named = NAMED.get(JSON.stringify(withoutMeta(schema)));
  if (named !== undefined) return named;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.anyOf) return schema.anyOf.map(nameOf).join(', or ');
  if (schema.items) return `list of ${nameOf(schema.items)}`;
  if (schema.properties) {
    const fields = Object.entries(schema.properties).map(([name, inner]) => `${name}: ${nameOf(inner)}`);
    return `object { ${fields.join('; ')} }`;
  }
  return PLAIN[schema.type ?? ''] ?? schema.type ?? 'any JSON';
}

const PLAIN: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: '`true` or `false`',
};

function formOf(schema: Schema): string {
  return JSON.stringify(withoutMeta(z.toJSONSchema(schema, { io: 'output' })));
}

function withoutMeta(schema: object): object {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema'));
}
