/**
 * Replaces the intrinsic functions of a template by their values.
 * Source: CloudFormation template reference, intrinsic functions and pseudo parameters.
 */
import type { Json, JsonObject } from '../call';
import { isObject } from '../json-object';
import { attributeReference, intrinsicOf, SUB_NAME } from './template';

/** What names in a template stand for. Each throws an error that names what is missing. */
export interface Scope {
  ref(name: string): Json | undefined;
  attribute(logicalId: string, name: string): Json;
  condition(name: string): boolean;
  mapping(name: string, first: string, second: string): Json;
  readonly region: string;
}

/** A template that the deployer cannot carry out; the message says which part, and why. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

type Intrinsic = (argument: Json, scope: Scope) => Json | undefined;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, scope) => scope.ref(String(name)),
  'Fn::GetAtt': (argument, scope) => scope.attribute(...attributeReference(argument)),
  'Fn::Sub': substitute,
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = listOf(argument, scope);
    return listOf(parts, scope).map(textOf).join(String(separator));
  },
  'Fn::Select': (argument, scope) => {
    const [index, list] = listOf(argument, scope);
    return required(listOf(list, scope)[Number(index)], `Fn::Select: no element ${index}`);
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = listOf(argument, scope);
    return String(text).split(String(separator));
  },
  'Fn::If': (argument, scope) => {
    const [name, whenTrue, whenFalse] = argument as readonly Json[];
    return resolve(scope.condition(String(name)) ? whenTrue : whenFalse, scope);
  },
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = listOf(argument, scope).map(String);
    return scope.mapping(map ?? '', first ?? '', second ?? '');
  },
  'Fn::Base64': (argument, scope) => Buffer.from(textOf(resolve(argument, scope))).toString('base64'),
  'Fn::GetAZs': (_, scope) => ['a', 'b', 'c'].map((zone) => scope.region + zone),
  'Fn::Equals': (argument, scope) => {
    const [left, right] = listOf(argument, scope);
    return JSON.stringify(left) === JSON.stringify(right);
  },
  'Fn::And': (argument, scope) => listOf(argument, scope).every(Boolean),
  'Fn::Or': (argument, scope) => listOf(argument, scope).some(Boolean),
  'Fn::Not': (argument, scope) => !listOf(argument, scope)[0],
  Condition: (name, scope) => scope.condition(String(name)),
};

/** @returns undefined for `AWS::NoValue`; where that stands in an object or a list, it is left out. */
export function resolve(value: Json | undefined, scope: Scope): Json | undefined {
  const intrinsic = intrinsicOf(value);
  if (intrinsic) return apply(...intrinsic, value, scope);
  if (Array.isArray(value)) return value.map((one) => resolve(one, scope)).filter((one) => one !== undefined);
  if (isObject(value)) return resolveFields(value, scope);
  return value;
}

export function resolveFields(fields: JsonObject, scope: Scope): JsonObject {
  const resolved = Object.entries(fields).map(([name, value]) => [name, resolve(value, scope)] as const);
  return Object.fromEntries(resolved.filter(([, value]) => value !== undefined));
}

/** In a policy, `Condition` is a plain field: there its value is an object, here the name of a condition. */
function apply(name: string, argument: Json, whole: Json | undefined, scope: Scope): Json | undefined {
  if (name === 'Condition' && typeof argument !== 'string') return resolveFields(whole as JsonObject, scope);
  const intrinsic = INTRINSICS[name];
  if (intrinsic) return intrinsic(argument, scope);
  throw new TemplateError(`${name} is not supported by the local deployer.`);
}

function substitute(argument: Json, scope: Scope): string {
  const [text, variables] = Array.isArray(argument) ? argument : [argument];
  const own = isObject(variables) ? variables : {};
  const named = (name: string): Json | undefined => {
    if (own[name] !== undefined) return resolve(own[name], scope);
    return name.includes('.') ? scope.attribute(...attributeReference(name)) : scope.ref(name);
  };
  return String(text)
    .replace(SUB_NAME, (_, name: string) => textOf(named(name.trim())))
    .replaceAll('${!', '${');
}

function listOf(argument: Json | undefined, scope: Scope): readonly Json[] {
  const list = resolve(argument, scope);
  if (Array.isArray(list)) return list;
  throw new TemplateError(`A list is needed instead of ${JSON.stringify(list)}.`);
}

function textOf(value: Json | undefined): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TemplateError(`A text is needed instead of ${JSON.stringify(value)}.`);
}

function required(value: Json | undefined, problem: string): Json {
  if (value === undefined) throw new TemplateError(problem);
  return value;
}
