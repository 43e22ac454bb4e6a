/** Files by ranges: what one answer holds, and what is said of the rest. */
import { FILE_PART_BYTES_MAX, fileAnswer } from '../../../shared/runtime/file-answer';

const FILE = Buffer.from('0123456789');
const LARGE = Buffer.alloc(FILE_PART_BYTES_MAX + 5, 1);
const bodyOf = (bytes: Uint8Array, range?: string) => {
  const { statusCode, headers, body = '' } = fileAnswer(bytes, range);
  return { statusCode, range: headers?.['content-range'], bytes: Buffer.from(body, 'base64') };
};

test.each([
  ['bytes=0-', 'bytes 0-9/10', '0123456789'],
  ['bytes=3-5', 'bytes 3-5/10', '345'],
  ['bytes=9-99', 'bytes 9-9/10', '9'],
])('%s gives %s', (range, said, text) => {
  const { statusCode, range: given, bytes } = bodyOf(FILE, range);
  expect([statusCode, given, bytes.toString()]).toEqual([206, said, text]);
});

test('a large file comes in parts that fit an answer, and whole not at all', () => {
  const first = bodyOf(LARGE, 'bytes=0-');
  const rest = bodyOf(LARGE, `bytes=${first.bytes.length}-`);
  expect(Buffer.concat([first.bytes, rest.bytes]).equals(LARGE)).toBe(true);
  expect(JSON.stringify(fileAnswer(LARGE, 'bytes=0-')).length).toBeLessThan(6 * 1024 * 1024);
  expect(() => fileAnswer(LARGE, undefined)).toThrow(/^range: .*Range: bytes=0-3999999/);
  expect(bodyOf(FILE)).toMatchObject({ statusCode: 200, range: undefined, bytes: FILE });
});

test.each(['bytes=10-', 'bytes=5-3', 'bytes=-5', 'bytes=0-1,3-4', 'lines=0-1', 'bytes=x-', ''])(
  '%j is refused with the way out',
  (range) => {
    expect(() => fileAnswer(FILE, range)).toThrow(expect.objectContaining({ code: 'input.invalid' }));
  },
);
