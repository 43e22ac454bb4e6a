/** Conditional requests and ranges. Source: PutObject and GetObject in the S3 API reference; RFC 9110. */
import { s3Error } from './errors';
import type { ObjectVersion } from './objects';

type Headers = Readonly<Record<string, string | undefined>>;

/** Throws unless the write's conditions hold for what is there now. */
export function checkWriteConditions(headers: Headers, current: ObjectVersion | undefined) {
  const ifNoneMatch = headers['if-none-match'];
  const ifMatch = headers['if-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw s3Error('NotImplemented', { Header: 'If-None-Match' });
  }
  if (ifNoneMatch === '*' && current !== undefined) throw s3Error('PreconditionFailed', { Condition: 'If-None-Match' });
  if (ifMatch === undefined) return;
  if (current === undefined) throw s3Error('NoSuchKey');
  if (!matches(ifMatch, current.etag)) throw s3Error('PreconditionFailed', { Condition: 'If-Match' });
}

/** Whether the reader has this version already and wants it only if it is another. Throws where it wants no other. */
export function isNotModified(headers: Headers, object: ObjectVersion): boolean {
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined && !matches(ifMatch, object.etag)) {
    throw s3Error('PreconditionFailed', { Condition: 'If-Match' });
  }
  const ifNoneMatch = headers['if-none-match'];
  return ifNoneMatch !== undefined && matches(ifNoneMatch, object.etag);
}

function matches(header: string, etag: string): boolean {
  const unquoted = (text: string) => text.trim().replaceAll('"', '');
  return header.trim() === '*' || header.split(',').some((one) => unquoted(one) === unquoted(etag));
}

export interface ByteRange {
  readonly from: number;
  /** The last byte's place, itself included. */
  readonly to: number;
}

/** The range asked for. Undefined for the whole object, also where the header is not understood, as HTTP has it. */
export function rangeOf(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return undefined;
  const from = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const to = first === '' || last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (from > to) throw s3Error('InvalidRange', { RangeRequested: header, ActualObjectSize: sizeBytes });
  return { from, to };
}
