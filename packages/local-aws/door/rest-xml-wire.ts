/** How S3 refuses. Its calls and answers are its engine's own. Source: S3 API Reference, "Error responses". */
import type { AwsError } from '../call';
import type { RestAnswer } from './rest';
import { element, textElement } from './xml';

export function refuseAsS3(error: AwsError, requestId: string): RestAnswer {
  const fields = { Code: error.code, Message: error.message, ...error.fields, RequestId: requestId, HostId: 'local' };
  const content = Object.entries(fields).map(([name, value]) => textElement(name, value));
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${element('Error', content.join(''))}`,
  };
}
