/** Entries as lines of objects, whose names are in the order of the log. */
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Delivery, Destination } from '../../domain/subscriptions/ports';
import { refusedWith } from './aws-refusal';

const LINE_END = Buffer.from('\n');
const DIGITS = 12;

/** An object holds a bundle of the log at most; more of them in a run would be as many bytes in memory. */
const LIMITS = { deliveries: 256, bytes: 8_000_000, bodyBytes: 8_000_000 };

/** The same entries have the same name: an object that is written again is the same. */
export function s3Destination(client: Pick<S3Client, 'send'>): Destination {
  return {
    limits: LIMITS,
    async deliver(deliveries, { target }) {
      const { bucket, prefix } = placeOf(target);
      const Body = Buffer.concat(deliveries.flatMap(({ body }) => [body, LINE_END]));
      const object = { Bucket: bucket, Key: `${prefix}${nameOf(deliveries)}.jsonl`, Body };
      try {
        await client.send(new PutObjectCommand({ ...object, ContentType: 'application/x-ndjson' }));
        return { taken: deliveries.length };
      } catch (error) {
        return { taken: 0, refusal: refusedWith('S3', error) };
      }
    },
  };
}

/** `s3://BUCKET/A/B` */
function placeOf(target: string) {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(target) ?? [];
  return { bucket, prefix: path === '' ? '' : `${path}/` };
}

/** Indexes of the first and the last entry; of a test its id. */
function nameOf(deliveries: readonly Delivery[]): string {
  const [first, last] = [deliveries[0], deliveries.at(-1)];
  if (first?.index === undefined || last?.index === undefined) return first?.id.split('/').at(-1) ?? '';
  return [first.index, last.index].map((index) => String(index).padStart(DIGITS, '0')).join('-');
}
