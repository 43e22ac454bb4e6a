/** The parts of a CloudFormation template that the deployer reads, and the intrinsic functions it knows. */
import type { Json, JsonObject } from '../call';
import { isObject } from '../json-object';

export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Default?: Json }>>;
  readonly Conditions?: Readonly<Record<string, Json>>;
  readonly Mappings?: Readonly<Record<string, JsonObject>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: Json; readonly Condition?: string }>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: JsonObject;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
}

/** `{ Ref: … }`, `{ 'Fn::Sub': … }`: an object whose only key is the name of an intrinsic function. */
export function intrinsicOf(value: Json | undefined): readonly [name: string, argument: Json] | undefined {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length !== 1 || name === undefined || argument === undefined) return undefined;
  return name === 'Ref' || name === 'Condition' || name.startsWith('Fn::') ? [name, argument] : undefined;
}

/** The names inside a `Fn::Sub` text: `${Name}` and `${Name.Attribute}`; `${!Literal}` is none. */
export const SUB_NAME = /\$\{([^!}][^}]*)\}/g;

/** The arguments of `Fn::GetAtt`, which may be written as a list or as one text with a dot. */
export function attributeReference(argument: Json): readonly [logicalId: string, attribute: string] {
  if (Array.isArray(argument)) return [String(argument[0]), argument.slice(1).map(String).join('.')];
  const text = String(argument);
  const dot = text.indexOf('.');
  return [text.slice(0, dot), text.slice(dot + 1)];
}
