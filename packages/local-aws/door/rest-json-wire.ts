/**
 * REST with JSON bodies: the operation in method and path, parameters in path, query and body.
 * Source: Smithy specification, "AWS restJson1 protocol"; the routes: service models in botocore 1.29.
 */
import { AwsError, type JsonObject } from '../call';
import { own } from '../own-property';
import { decoded } from '../percent';
import type { Incoming } from './incoming';
import { bodyOf } from './json-wire';
import type { RestAnswer } from './rest';
import type { WireFormat } from './wire';

export interface Route {
  readonly method: string;
  /** `/schedules/{Name}`: each name in braces becomes a field of the call. */
  readonly path: string;
  readonly operation: string;
  /** Query parameters that are called otherwise in the call: name on the wire -> name in the call. */
  readonly query?: Readonly<Record<string, string>>;
}

export function restJsonWire(routes: readonly Route[]): WireFormat {
  const compiled = routes.map((route) => ({ route, pattern: patternOf(route.path) }));

  const refuse = (error: AwsError): RestAnswer => ({
    status: error.status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': error.code },
    body: JSON.stringify({ message: error.message, Message: error.message, ...error.fields }),
  });

  return {
    read(incoming) {
      for (const { route, pattern } of compiled) {
        const match = route.method === incoming.method ? pattern.exec(incoming.path) : null;
        if (match) return { operation: route.operation, input: inputOf(route, match.groups ?? {}, incoming) };
      }
      const what = `${incoming.method} ${incoming.path}`;
      throw new AwsError('UnknownOperationException', `${what} is no operation of this service.`, { status: 404 });
    },
    answer: ({ output = {}, error }) =>
      error
        ? refuse(error)
        : { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(output) },
    refuse,
  };
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}/?$`);
}

function inputOf(route: Route, groups: Readonly<Record<string, string>>, incoming: Incoming): JsonObject {
  const named = Object.entries(groups).map(([name, value]) => [name, decoded(value)]);
  const query = [...new URLSearchParams(incoming.rawQuery)].map(([name, value]) => [
    own(route.query, name) ?? name,
    value,
  ]);
  return { ...bodyOf(incoming), ...Object.fromEntries([...query, ...named]) };
}
