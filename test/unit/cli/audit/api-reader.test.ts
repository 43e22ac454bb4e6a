/** A log behind the API: what is read of honest answers, and what of those of a server that lies. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { apiReader } from '../../../../cli/audit/api-reader';
import { signedRequest } from '../../../../cli/operate/signed-fetch';
import { fileAnswer } from '../../../../shared/runtime/file-answer';

const FILE = Buffer.alloc(9_000_000, 7);
const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };
const send = signedRequest({ credentials, region: 'eu-central-1' });

let server: Server;
let answer: RequestListener;
let url: string;
beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/lambda-url/id`;
});
afterAll(() => void server.close());

const part =
  (body: Uint8Array | string, range?: string, status = 206): RequestListener =>
  (_, response) => {
    response.writeHead(status, range === undefined ? {} : { 'content-range': range });
    response.end(body);
  };

test('a large file is read in parts, each signed, and is whole', async () => {
  const asked: unknown[] = [];
  answer = (request, response) => {
    asked.push([request.url, request.headers.range, request.headers.authorization?.startsWith('AWS4-HMAC-SHA256')]);
    const { statusCode = 0, headers = {}, body = '' } = fileAnswer(FILE, request.headers.range);
    response.writeHead(statusCode, headers as Record<string, string>).end(Buffer.from(body, 'base64'));
  };

  const read = await apiReader(url, send).read('tile/entries/000', FILE.length);
  expect(FILE.equals(read ?? Buffer.of())).toBe(true);
  expect(asked).toEqual(
    ['0-3999999', '4000000-7999999', '8000000-11999999'].map((range) => [
      '/lambda-url/id/tile/entries/000',
      `bytes=${range}`,
      true,
    ]),
  );
});

test('what is not there is missing, and what is refused is told as the API says it', async () => {
  answer = part('', undefined, 404);
  expect(await apiReader(url, send).read('checkpoint', 10)).toBeUndefined();
  answer = part(JSON.stringify({ error: { message: 'ada reads no audit log.' } }), undefined, 403);
  await expect(apiReader(url, send).read('checkpoint', 10)).rejects.toThrow(/\(403: ada reads no audit log\.\)$/);
  answer = part(JSON.stringify({ Message: 'Forbidden.' }), undefined, 403);
  await expect(apiReader(url, send).read('checkpoint', 10)).rejects.toThrow(/Forbidden.*lambda:InvokeFunctionUrl/);
});

test.each<[string, RequestListener]>([
  ['more than a log has', part('x', 'bytes 0-99/100')],
  ['more than it says', part('x'.repeat(11), 'bytes 0-9/10')],
  ['nothing of what it says', part('', 'bytes 0-9/10')],
  ['another part', part('x', 'bytes 5-5/10')],
  ['no word of which part', part('x')],
])('%s is refused', async (_, lie) => {
  answer = lie;
  await expect(apiReader(url, send).read('checkpoint', 10)).rejects.toMatchObject({ code: 'file-refused' });
});

test('no redirect is followed with a signature', async () => {
  const elsewhere = part('x', 'bytes 0-0/1');
  answer = (request, response) => {
    if (request.url?.endsWith('/elsewhere')) return elsewhere(request, response);
    response.writeHead(302, { location: `${url}/elsewhere` }).end();
  };
  await expect(apiReader(url, send).read('checkpoint', 10)).rejects.toThrow(/does not answer/);
});

test.each(['http://example.com/', 'https://', 'ftp://127.0.0.1/'])('%s is no address of a log', (place) => {
  expect(() => apiReader(place, send)).toThrow('must be the address that the provider gave');
});
