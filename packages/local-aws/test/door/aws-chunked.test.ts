import fc from 'fast-check';
import { withoutChunks } from '../../door/aws-chunked';

const framed = (chunks: readonly Uint8Array[], end: string, extension = '') =>
  Buffer.concat([
    ...chunks.flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`),
      chunk,
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`0${extension}\r\n${end}\r\n`),
  ]);
const incoming = (body: Uint8Array, headers: Record<string, string> = {}) => ({
  method: 'PUT',
  path: '/b/k',
  rawQuery: '',
  headers: {
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'content-encoding': 'aws-chunked',
    ...headers,
  },
  body,
});

test('whatever the chunks are, the body is what they hold, with the trailer as a header', () => {
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(fc.array(chunk), fc.constantFrom('', ';chunk-signature=ab'), (chunks, extension) => {
      const bytes = Buffer.concat(chunks);
      const body = framed(chunks, 'x-amz-checksum-crc32:AAAAAA==\r\n', extension);

      const read = withoutChunks(incoming(body, { 'x-amz-decoded-content-length': String(bytes.length) }));

      expect(Buffer.from(read.body).equals(bytes)).toBe(true);
      expect(read.headers['x-amz-checksum-crc32']).toBe('AAAAAA==');
    }),
  );
});

test('an upload that is cut anywhere is refused, never stored in part', () => {
  const whole = framed([Buffer.from('one'), Buffer.from('two')], '');
  const lastChunk = whole.lastIndexOf('0\r\n');

  for (let cut = 0; cut <= lastChunk; cut += 1) {
    expect(() => withoutChunks(incoming(whole.subarray(0, cut)))).toThrow(
      expect.objectContaining({ code: 'IncompleteBody' }),
    );
  }
});

test('an upload of another length than its head says is refused', () => {
  const body = framed([Buffer.from('one')], '');
  expect(() => withoutChunks(incoming(body, { 'x-amz-decoded-content-length': '4' }))).toThrow(
    expect.objectContaining({ code: 'IncompleteBody' }),
  );
});

test('the encoding left over is the object’s own', () => {
  const body = framed([Buffer.from('x')], '');

  expect(withoutChunks(incoming(body)).headers['content-encoding']).toBeUndefined();
  expect(withoutChunks(incoming(body, { 'content-encoding': 'aws-chunked,gzip' })).headers['content-encoding']).toBe(
    'gzip',
  );
});

test('a body that is not in chunks is left alone', () => {
  const plain = incoming(Buffer.from('3\r\nabc\r\n'), { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' });
  expect(withoutChunks(plain)).toBe(plain);
});
