/**
 * The AWS Query protocol: the call as form fields (`Tag.1.Key=…`, `Tags.member.1.Key=…`), the answer as XML.
 * Source: Smithy specification, "AWS Query protocol".
 */
import { AwsError } from '../call';
import type { QueryDialect } from './query-dialects';
import { callOfForm } from './query-form';
import { fieldsXml } from './query-xml';
import type { WireFormat } from './wire';
import { element, textElement } from './xml';

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
