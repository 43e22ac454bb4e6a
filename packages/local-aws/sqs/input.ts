/**
 * Reads a request's fields. The door passes on what the client sent, so every field is checked here before use.
 * Numbers may arrive as text: the Query protocol knows no other form.
 */
import type { Json, JsonObject } from '../call';
import { isObject } from '../json-object';
import { missing, sqsError } from './errors';

export function text(input: JsonObject, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw unreadable(name, 'a string');
  return value;
}

export function requiredText(input: JsonObject, name: string): string {
  const value = text(input, name);
  if (value === undefined || value === '') throw missing(name);
  return value;
}

export function integer(input: JsonObject, name: string): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) throw unreadable(name, 'an integer');
  return number;
}

export function texts(input: JsonObject, name: string): readonly string[] {
  return listOf(input, name).map((value) => {
    if (typeof value !== 'string') throw unreadable(name, 'a list of strings');
    return value;
  });
}

export function objects(input: JsonObject, name: string): readonly JsonObject[] {
  return listOf(input, name).map((value) => {
    if (!isObject(value)) throw unreadable(name, 'a list of structures');
    return value;
  });
}

/** A map of text to text. Undefined where the field is absent. */
export function textMap(input: JsonObject, name: string): Readonly<Record<string, string>> | undefined {
  const value = objectAt(input, name);
  if (value === undefined) return undefined;
  for (const entry of Object.values(value)) if (typeof entry !== 'string') throw unreadable(name, 'a map of strings');
  return value as Readonly<Record<string, string>>;
}

export function objectAt(input: JsonObject, name: string): JsonObject | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw unreadable(name, 'a structure');
  return value;
}

function listOf(input: JsonObject, name: string): readonly Json[] {
  const value = input[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw unreadable(name, 'a list');
  return value as readonly Json[];
}

function unreadable(name: string, expected: string) {
  return sqsError('SerializationException', `The parameter ${name} must be ${expected}.`);
}
