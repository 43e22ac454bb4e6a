/** Nothing is sent to an address of our own side, however it is written, resolved or changed in between. */
import type { LookupAddress } from 'node:dns';
import { createServer } from 'node:http';
import { type AddressInfo, isIP, Socket } from 'node:net';
import { guardedWeb, pinnedLookup, type Resolve, WebFault } from '../../../shared/adapters/web/guarded-post';
import { isSpecialAddress } from '../../../shared/adapters/web/special-addresses';
import { randomOf } from '../../support/random';
import { answering, webChannel } from '../../support/web-channel';

/** IPv4 addresses of no public host, some at both edges of their range. */
const SPECIAL_4 = [
  '0.0.0.0',
  '0.255.255.255',
  '10.0.0.0',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.0',
  '100.100.100.200',
  '100.127.255.255',
  '127.0.0.1',
  '127.0.0.53',
  '127.255.255.255',
  '169.254.0.0',
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '169.254.255.255',
  '172.16.0.0',
  '172.17.0.1',
  '172.31.255.255',
  '192.0.0.0',
  '192.0.0.8',
  '192.0.0.170',
  '192.0.0.192',
  '192.0.2.1',
  '192.31.196.1',
  '192.52.193.1',
  '192.88.99.1',
  '192.168.0.0',
  '192.168.1.1',
  '192.168.255.255',
  '192.175.48.1',
  '198.18.0.0',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.255',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
];

const SPECIAL_6 = [
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '::ffff:8.8.8.8',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b::8.8.8.8',
  '64:ff9b:1::a00:1',
  '64:ff9b:1:ffff::a9fe:a9fe',
  '100::1',
  '100:0:0:1::1',
  '2001::1',
  '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  '2001:1::1',
  '2001:2::1',
  '2001:10::1',
  '2001:20::1',
  '2001:30::1',
  '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff',
  '2001:db8::1',
  '2002:7f00:1::',
  '2002:a9fe:a9fe::1',
  '2002:c0a8:101::1',
  '2002:808:808::1',
  '2620:4f:8000::1',
  '3fff::1',
  '3fff:fff:ffff::1',
  '4000::1',
  '5f00::1',
  'fc00::1',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fdff:ffff:ffff::1',
  'fe80::1',
  'fe80::a9fe:a9fe',
  'febf::1',
  'fec0::1',
  'ff02::1',
  'ff0e::1',
];

/** The same places in other spellings, and what is no place to post to. */
const SPELLINGS = [
  'https://localhost/',
  'https://localhost./',
  'https://LOCALHOST/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://017700000001/',
  'https://127.1/',
  'https://127.0.1/',
  'https://127.0.0.1./',
  'https://0/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://0251.0376.0251.0376/',
  'https://169.254.43518/',
  'https://169.16689662/',
  'https://①②⑦.⓪.⓪.①/',
  'https://１２７.０.０.１/',
  'https://127。0。0。1/',
  'https://%31%32%37.0.0.1/',
  'https://3232235777/',
  'https://0xc0.0xa8.1.1/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[0000:0000:0000:0000:0000:ffff:7f00:0001]/',
  'https://[::ffff:7f00:1]/',
  'https://[0:0:0:0:0:ffff:127.0.0.1]/',
  'https://user@127.0.0.1/',
  'https://example.com@127.0.0.1/',
  'https://127.0.0.1#example.com/',
  'https://127.0.0.1?example.com',
  'https://127.0.0.1\\example.com/',
  'https://127.0.0.1:8443/',
  'https://10.1:443/',
  'http://127.0.0.1/',
  'http://[::1]:9001/2018-06-01/runtime/invocation/next',
  'http://169.254.169.254/latest/meta-data/',
  'http://example.com/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'gopher://example.com/',
  'ws://example.com/',
  'https://example.com:22/',
  'https://example.com:25/',
  'https://example.com:80/',
  'https://example.com:6379/',
  'https://example.com:8080/',
  'https://example.com:65535/',
];

const VECTORS = [
  ...SPECIAL_4.map((address) => `https://${address}/`),
  ...SPECIAL_6.map((address) => `https://[${address}]/`),
  ...SPELLINGS,
];

const PUBLIC = '93.184.216.34';
const addressOf = (address: string): LookupAddress => ({ address, family: isIP(address) });
const resolvingTo =
  (...addresses: readonly string[]): Resolve =>
  (_name, done) =>
    done(null, addresses.map(addressOf));

const post = (url: string, resolve?: Resolve, isLoopbackAllowed = false) =>
  guardedWeb({ isLoopbackAllowed, ...(resolve && { resolve }) }).post({ url, body: '{}', headers: {}, timeoutMs: 500 });

let connects: jest.SpyInstance;
beforeEach(() => {
  connects = jest.spyOn(Socket.prototype, 'connect');
});
afterEach(() => connects.mockRestore());

/** Where sockets were connected to, or tried to be: a name whose lookup refuses leads nowhere. */
const reached = () => connects.mock.results.length;

test('there are many of them', () => {
  expect(VECTORS.length).toBeGreaterThanOrEqual(120);
});

test.each(VECTORS)('%s gets nothing', async (url) => {
  // A name that is asked for is one of our own network.
  const server = jest.spyOn(Socket.prototype, 'write');
  await expect(post(url, resolvingTo('10.0.0.1'))).rejects.toThrow(WebFault);
  expect(server).not.toHaveBeenCalled();
  server.mockRestore();
});

test.each([...SPECIAL_4, ...SPECIAL_6])('a name that resolves to %s gets nothing', async (address) => {
  await expect(post('https://example.com/', resolvingTo(address))).rejects.toThrow('public internet');
  await expect(post('https://example.com/', resolvingTo(PUBLIC, address))).rejects.toThrow('public internet');
});

test('a hundred thousand random special addresses: no lookup gives one to connect to', () => {
  const random = randomOf(20_261_130);
  const byte = () => random.below(256);
  const group = () => random.below(65_536).toString(16);
  const rest = (count: number) => Array.from({ length: count }, group).join(':');
  const v4 = () => `${byte()}.${byte()}.${byte()}.${byte()}`;
  const makers: readonly (() => string)[] = [
    () => `10.${byte()}.${byte()}.${byte()}`,
    () => `127.${byte()}.${byte()}.${byte()}`,
    () => `0.${byte()}.${byte()}.${byte()}`,
    () => `169.254.${byte()}.${byte()}`,
    () => `192.168.${byte()}.${byte()}`,
    () => `172.${16 + (byte() % 16)}.${byte()}.${byte()}`,
    () => `100.${64 + (byte() % 64)}.${byte()}.${byte()}`,
    () => `198.${18 + (byte() % 2)}.${byte()}.${byte()}`,
    () => `${224 + (byte() % 32)}.${byte()}.${byte()}.${byte()}`,
    () => `::ffff:${v4()}`,
    () => `::${v4()}`,
    () => `64:ff9b::${v4()}`,
    () => `64:ff9b:1:${rest(5)}`,
    () => `2002:${rest(7)}`,
    () => `2001:0:${rest(6)}`,
    () => `2001:db8:${rest(6)}`,
    () => `fd${(byte() + 256).toString(16).slice(1)}:${rest(7)}`,
    () => `fe${(128 + (byte() % 128)).toString(16)}:${rest(7)}`,
    () => `ff${(byte() + 256).toString(16).slice(1)}:${rest(7)}`,
    () => `3fff:${(byte() % 16).toString(16)}${(byte() + 256).toString(16).slice(1)}:${rest(6)}`,
  ];
  let [given, written] = [0, 0];
  for (let at = 0; at < 100_000; at += 1) {
    const address = makers[at % makers.length]?.() ?? '';
    if (isIP(address) !== 0) written += 1;
    const look = pinnedLookup(resolvingTo(address));
    look('example.com', { all: at % 2 === 0 }, (error) => {
      if (!error) given += 1;
    });
  }

  expect([written, given]).toEqual([100_000, 0]);
  expect(reached()).toBe(0);
});

test.each(['8.8.8.8', '1.1.1.1', PUBLIC, '172.15.255.255', '172.32.0.1', '192.169.0.1', '223.255.255.255', '11.0.0.1'])(
  '%s is somebody’s',
  (address) => expect(isSpecialAddress(address)).toBe(false),
);
test.each(['2606:4700::1111', '2a00:1450:4001::1', '2620:4f:8001::1', '2001:4860:4860::8888', '3ffe::1'])(
  '%s is somebody’s',
  (address) => expect(isSpecialAddress(address)).toBe(false),
);
test.each(['', 'localhost', '1.2.3', 'fe80::1%eth0', '2606:4700::1111%1', '999.1.1.1'])(
  '“%s” is no address, and so no place to send to',
  (address) => expect(isSpecialAddress(address)).toBe(true),
);

test('a name is resolved once for a connection, which goes where was looked at', async () => {
  const asked: string[] = [];
  // The second answer is the one of who rebinds.
  const rebinding: Resolve = (name, done) => {
    asked.push(name);
    done(null, [addressOf(asked.length === 1 ? PUBLIC : '127.0.0.1')]);
  };
  const given = await new Promise((resolve) =>
    pinnedLookup(rebinding)('rebind.example', {}, (_error, address) => resolve(address)),
  );

  expect(given).toBe(PUBLIC);
  expect(asked).toEqual(['rebind.example']);
});

test('a name without an address, and one that cannot be resolved, are not reached', async () => {
  await expect(post('https://example.com/', resolvingTo())).rejects.toThrow('its name has no address');
  await expect(post('https://example.com/', (_, done) => done(new Error('ENOTFOUND'), []))).rejects.toThrow(WebFault);
});

describe('where loopback is allowed', () => {
  test('a server of this machine, by its number alone, is posted to', async () => {
    const server = await webChannel(answering(200, 'taken', { 'retry-after': '7' }));
    const answer = await post(`${server.url}/hook`, undefined, true);

    expect(answer).toEqual({ status: 200, text: 'taken', retryAfter: '7' });
    expect(server.requests).toMatchObject([{ url: '/hook', body: '{}' }]);
    await expect(post(`${server.url}/hook`)).rejects.toThrow('its address is no https://');
    await expect(post(server.url.replace('127.0.0.1', 'localhost'), undefined, true)).rejects.toThrow(WebFault);
    await server.stop();
  });

  test('a redirect is an answer, and nobody is sent on', async () => {
    const other = await webChannel(answering(200, 'secret'));
    const server = await webChannel(answering(302, '', { location: other.url }));

    expect(await post(server.url, undefined, true)).toMatchObject({ status: 302, text: '' });
    expect(other.requests).toEqual([]);
    await Promise.all([server.stop(), other.stop()]);
  });

  test('a kept connection that the other side has closed meanwhile costs no answer', async () => {
    // Closes a connection without a word when it is used a second time.
    const used = new WeakSet<object>();
    const server = createServer((request, response) => {
      if (used.has(request.socket)) return void request.socket.resetAndDestroy();
      used.add(request.socket);
      request.resume();
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const web = guardedWeb({ isLoopbackAllowed: true });
    const send = () => web.post({ url, body: 'x', headers: {}, timeoutMs: 2_000 });

    expect([(await send()).status, (await send()).status]).toEqual([200, 200]);
    server.closeAllConnections();
    server.close();
  });
});
