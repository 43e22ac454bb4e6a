/**
 * The AWS Query protocol: the call as form fields (`Tag.1.Key=…`, `Tags.member.1.Key=…`), the answer as XML.
 * Source: Smithy specification, "AWS Query protocol".
 */
import { AwsError } from '../call';
import { callOfForm } from './query-form';
import { fieldsXml } from './query-xml';
import type { WireFormat } from './wire';
import { element, textElement } from './xml';

/** What the form and the XML of a service do not say by themselves. */
export interface QueryDialect {
  readonly namespace: string;
  /** Lists written without a wrapper: name on the wire -> name in the call. */
  readonly flatLists?: Readonly<Record<string, string>>;
  /** Maps: name on the wire -> name in the call, and the names of key and value. */
  readonly flatMaps?: Readonly<
    Record<string, { readonly field: string; readonly key: string; readonly value: string }>
  >;
  /** Fields that are numbers in a call. */
  readonly numbers?: readonly string[];
  /** Fields of an answer that hold epoch seconds and are written as ISO 8601. */
  readonly instants?: readonly string[];
  /** Fields of an answer that are maps in `<entry>` form rather than structures. */
  readonly entryMaps?: readonly string[];
  /** The wire name of the items of a flat list of an answer. */
  readonly flatItem?: (field: string, operation: string) => string | undefined;
}

export function queryWire(dialect: QueryDialect): WireFormat {
  return {
    read({ body, rawQuery }) {
      const form = new URLSearchParams(body.length > 0 ? Buffer.from(body).toString() : rawQuery);
      const { Action, Version: _, ...fields } = Object.fromEntries(form);
      if (!Action) throw new AwsError('MissingAction', 'The request names no Action.');
      return { operation: Action, input: callOfForm(fields, dialect) };
    },
    answer({ output, error }, { operation, requestId }) {
      if (error) return this.refuse(error, requestId);
      const result = element(`${operation}Result`, fieldsXml(output ?? {}, dialect, operation));
      const metadata = element('ResponseMetadata', textElement('RequestId', requestId));
      return xmlAnswer(200, `${operation}Response`, dialect, result + metadata);
    },
    refuse(error, requestId) {
      const type = error.status < 500 ? 'Sender' : 'Receiver';
      const parts = { Type: type, Code: error.queryCode ?? error.code, Message: error.message };
      const details = Object.entries(parts).map(([name, value]) => textElement(name, value));
      const content = element('Error', details.join('')) + textElement('RequestId', requestId);
      return xmlAnswer(error.status, 'ErrorResponse', dialect, content);
    },
  };
}

function xmlAnswer(status: number, root: string, { namespace }: QueryDialect, content: string) {
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<${root} xmlns="${namespace}">${content}</${root}>`,
  };
}
