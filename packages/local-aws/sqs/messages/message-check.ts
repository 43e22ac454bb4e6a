/**
 * What a message may hold. Source: SendMessage in the SQS API reference; texts as recorded from AWS where localstack's
 * tests have them, otherwise in the same form and unconfirmed.
 */
import type { AwsError, JsonObject } from '../../call';
import { invalidValue, missing, sqsError } from '../errors';
import { objectAt, text } from '../input';

const ATTRIBUTES_MAX = 10;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the rule is about control characters.
const FORBIDDEN_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

const ID = /^[\x21-\x7e]{1,128}$/;

export interface CheckedContents {
  readonly body: string;
  readonly attributes: JsonObject | undefined;
  readonly traceHeader: string | undefined;
}

/** Reads a message's body and attributes. Throws AwsError. */
export function readContents(input: JsonObject): CheckedContents {
  const body = text(input, 'MessageBody');
  if (body === undefined || body === '') throw missing('MessageBody');
  if (FORBIDDEN_CHARACTER.test(body)) throw forbiddenCharacter();
  return {
    body,
    attributes: readAttributes(objectAt(input, 'MessageAttributes')),
    traceHeader: readTraceHeader(objectAt(input, 'MessageSystemAttributes')),
  };
}

/** The size that SQS counts: the body, and the names, types and values of the attributes. */
export function sizeBytesOf(input: JsonObject): number {
  const attributes = objectAt(input, 'MessageAttributes') ?? {};
  return Object.keys(attributes).reduce(
    (sum, name) => {
      const attribute = objectAt(attributes, name) ?? {};
      const binary = Buffer.from(text(attribute, 'BinaryValue') ?? '', 'base64');
      const plain = name + (text(attribute, 'DataType') ?? '') + (text(attribute, 'StringValue') ?? '');
      return sum + Buffer.byteLength(plain) + binary.length;
    },
    Buffer.byteLength(text(input, 'MessageBody') ?? ''),
  );
}

/** A message group's or a deduplication's id. */
export function readId(input: JsonObject, name: 'MessageGroupId' | 'MessageDeduplicationId'): string | undefined {
  const id = text(input, name);
  if (id === undefined || ID.test(id)) return id;
  throw invalidValue(id, name, `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`);
}

function readAttributes(attributes: JsonObject | undefined): JsonObject | undefined {
  const names = Object.keys(attributes ?? {});
  if (attributes === undefined || names.length === 0) return undefined;
  if (names.length > ATTRIBUTES_MAX) {
    throw invalid(`Number of message attributes [${names.length}] exceeds the allowed maximum [${ATTRIBUTES_MAX}].`);
  }
  for (const name of names) {
    checkAttributeName(name);
    checkAttributeValue(name, objectAt(attributes, name) ?? {});
  }
  return attributes;
}

function checkAttributeName(name: string) {
  const isReserved = /^(aws|amazon)\./i.test(name);
  // Letters of any script: recorded as accepted by AWS, although the API reference speaks of A-Z.
  if (isReserved || !/^[\p{L}\p{N}_\-.]{1,256}$/u.test(name) || /^\.|\.$|\.\./.test(name)) {
    throw invalid(`Message (user) attribute name '${name}' is invalid.`);
  }
}

function checkAttributeValue(name: string, attribute: JsonObject) {
  const type = text(attribute, 'DataType') ?? '';
  const [kind = ''] = type.split('.');
  if (!['String', 'Number', 'Binary'].includes(kind) || type.length > 256 || type.endsWith('.')) {
    throw invalid(
      `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  const value = text(attribute, kind === 'Binary' ? 'BinaryValue' : 'StringValue');
  if (value === undefined || value === '') {
    throw invalid(`Message (user) attribute '${name}' must contain a non-empty value of type '${kind}'.`);
  }
  if (kind === 'Binary') return;
  if (FORBIDDEN_CHARACTER.test(value)) throw invalid(`Message (user) attribute '${name}' contains invalid characters.`);
  if (kind === 'Number' && !Number.isFinite(Number(value))) {
    throw invalid(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
}

function readTraceHeader(systemAttributes: JsonObject | undefined): string | undefined {
  for (const name of Object.keys(systemAttributes ?? {})) {
    if (name !== 'AWSTraceHeader') throw invalid(`Message system attribute name '${name}' is invalid.`);
  }
  const header = systemAttributes && objectAt(systemAttributes, 'AWSTraceHeader');
  return header && text(header, 'StringValue');
}

function invalid(message: string): AwsError {
  return sqsError('InvalidParameterValueException', message);
}

function forbiddenCharacter(): AwsError {
  const allowed = '#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF';
  return sqsError('InvalidMessageContents', `Invalid characters found. Valid unicode characters are ${allowed}`);
}
