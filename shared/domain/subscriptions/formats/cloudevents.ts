/** An entry as a CloudEvent, structured mode. Source: CloudEvents 1.0.2, "JSON Event Format"; the entry is its data, byte for byte. */
import { originOf } from '../../audit/log/checkpoint';
import type { EntryView } from '../entry-view';
import type { Formatted } from './formatted';

const CONTENT_TYPE = 'application/cloudevents+json; charset=utf-8';

/** `source` and `id` together name the entry: the log, and its index there. */
export function cloudEventOf(entry: EntryView): Formatted {
  const head = JSON.stringify({
    specversion: '1.0',
    id: entry.index < 0 ? entry.eventId : String(entry.index),
    source: originOf(entry.customerId),
    type: `keywright.audit.${entry.kind}.v1`,
    subject: entry.operation,
    time: entry.at,
    datacontenttype: 'application/json',
  });
  const body = Buffer.concat([Buffer.from(`${head.slice(0, -1)},"data":`), entry.bytes, Buffer.from('}')]);
  return { contentType: CONTENT_TYPE, body };
}
