/** A file as the answer of a function URL: its bytes as they are, whole where they fit one answer, else by ranges. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { KeywrightError } from '../domain/errors';

/** Of an answer, in base64, which may have 6 MB. Source: Lambda quotas, invocation payload. */
export const FILE_PART_BYTES_MAX = 4_000_000;

/**
 * @param range The header `Range`: one range with a first byte, `bytes=0-` or `bytes=0-3999999`. The answer ends where it is full, and
 *   says how much there is (RFC 9110, 14.4).
 * @throws KeywrightError `input.invalid`, naming `range`, for any other, and where a whole file does not fit.
 */
export function fileAnswer(bytes: Uint8Array, range: string | undefined): APIGatewayProxyStructuredResultV2 {
  if (range === undefined && bytes.length > FILE_PART_BYTES_MAX) throw refused('the file is larger than an answer');
  if (range === undefined) return answer(200, bytes, {});
  const [, first, last] = /^bytes=(\d{1,9})-(\d{1,9})?$/.exec(range) ?? [];
  const start = Number(first);
  const end = Math.min(Number(last ?? Number.POSITIVE_INFINITY) + 1, start + FILE_PART_BYTES_MAX, bytes.length);
  if (first === undefined || end <= start) throw refused(`the file has ${bytes.length} bytes`);
  return answer(206, bytes.subarray(start, end), { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` });
}

const refused = (what: string) =>
  new KeywrightError(
    'input.invalid',
    `range: ${what}. Ask for it in parts: Range: bytes=0-${FILE_PART_BYTES_MAX - 1}`,
    {
      field: 'range',
    },
  );

const answer = (statusCode: number, bytes: Uint8Array, headers: Readonly<Record<string, string>>) => ({
  statusCode,
  headers: { 'content-type': 'application/octet-stream', 'cache-control': 'no-store', ...headers },
  body: Buffer.from(bytes).toString('base64'),
  isBase64Encoded: true,
});
