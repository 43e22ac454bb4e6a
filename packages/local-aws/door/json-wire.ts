/**
 * AWS JSON 1.0 and 1.1: the operation in `x-amz-target`, names and values as JSON.
 * Source: Smithy specification, "AWS JSON 1.0 protocol" and "AWS JSON 1.1 protocol".
 */
import { AwsError, type JsonObject } from '../call';
import { readObject } from '../json-object';
import type { Incoming } from './incoming';
import type { RestAnswer } from './rest';
import type { WireFormat } from './wire';

export function jsonWire(version: '1.0' | '1.1'): WireFormat {
  const headers = { 'content-type': `application/x-amz-json-${version}` };
  const refuse = (error: AwsError): RestAnswer => ({
    status: error.status,
    headers: error.queryCode === undefined ? headers : { ...headers, ...queryError(error) },
    body: JSON.stringify({ __type: error.code, message: error.message, ...error.fields }),
  });

  return {
    read: (incoming) => ({ operation: operationOf(incoming), input: bodyOf(incoming) }),
    answer: ({ output, error }) =>
      error ? refuse(error) : { status: 200, headers, body: output === undefined ? '' : JSON.stringify(output) },
    refuse,
  };
}

function operationOf({ headers }: Incoming): string {
  const operation = headers['x-amz-target']?.split('.').at(-1);
  if (operation) return operation;
  throw new AwsError('UnknownOperationException', 'The header x-amz-target names no operation.');
}

export function bodyOf({ body }: Incoming): JsonObject {
  if (body.length === 0) return {};
  const parsed = readObject(Buffer.from(body.buffer, body.byteOffset, body.length).toString());
  if (parsed !== undefined) return parsed;
  throw new AwsError('SerializationException', 'The request body is not a JSON object.');
}

/** Services that once spoke the Query protocol (SQS) still tell its code and whose fault it was. */
function queryError({ queryCode, status }: AwsError): Record<string, string> {
  return { 'x-amzn-query-error': `${queryCode};${status < 500 ? 'Sender' : 'Receiver'}` };
}
