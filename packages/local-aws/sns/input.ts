/** Reads a request's fields and names the faulty one in SNS's words. Codes and texts: SNS API reference, "Common errors". */
import { AwsError, type JsonObject } from '../call';
import { isObject } from '../json-object';

export function invalidParameter(name: string, reason?: string): AwsError {
  const text = `Invalid parameter: ${name}${reason === undefined ? '' : ` Reason: ${reason}`}`;
  return new AwsError('InvalidParameter', text);
}

export function notFound(what: 'Topic' | 'Subscription'): AwsError {
  return new AwsError('NotFound', `${what} does not exist`, { status: 404 });
}

export function text(input: JsonObject, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidParameter(name, 'it must be a string');
  return value;
}

export function requiredText(input: JsonObject, name: string): string {
  const value = text(input, name);
  if (value === undefined || value === '') throw invalidParameter(name);
  return value;
}

export function structure(input: JsonObject, name: string): JsonObject {
  const value = input[name];
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw invalidParameter(name, 'it must be a structure');
  return value;
}

export function textMap(input: JsonObject, name: string): Readonly<Record<string, string>> {
  const map = structure(input, name);
  return Object.fromEntries(Object.keys(map).map((key) => [key, text(map, key) ?? '']));
}

export function structures(input: JsonObject, name: string): readonly JsonObject[] {
  const value = input[name] ?? [];
  if (!Array.isArray(value) || !value.every(isObject)) throw invalidParameter(name, 'it must be a list');
  return value;
}
