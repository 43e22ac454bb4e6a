import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { folderOf, readCustomers } from '../../../../cli/replay/customers';
import { ACCOUNT, KEY } from '../../../support/cloudtrail-records';
import { type WorkFolder, workFolder } from '../../../support/log-files';

let folder: WorkFolder;
beforeEach(() => {
  folder = workFolder();
});
afterEach(() => folder.remove());

const read = (content: unknown) => readCustomers(folder.file('customers.json', JSON.stringify(content)));

test('customers are read with what they have; what they have not is empty', () => {
  expect(
    read({
      customers: [
        { customerId: 'acme', kmsKeys: [KEY] },
        { customerId: 'globex', accounts: [ACCOUNT] },
      ],
    }),
  ).toEqual([
    { customerId: 'acme', kmsKeys: [KEY], accounts: [], encryptionContext: {} },
    { customerId: 'globex', kmsKeys: [], accounts: [ACCOUNT], encryptionContext: {} },
  ]);
});

test.each([
  ['customers.0.kmsKeys.0: must be the full ARN of a KMS key', { kmsKeys: ['alias/orders'] }],
  ['customers.0.accounts.0: must be an AWS account id of 12 digits', { accounts: ['1'] }],
  ['customers.0.encryptionContext.tenant', { encryptionContext: { tenant: 1 } }],
  ['customers.0.customerId: must not be empty', { customerId: '' }],
])('a fault is named by its field: %s', (message, fields) => {
  expect(() => read({ customers: [{ customerId: 'acme', ...fields }] })).toThrow(message);
});

test('a customer is listed once', () => {
  expect(() => read({ customers: [{ customerId: 'acme' }, { customerId: 'acme' }] })).toThrow('acme is listed twice');
});

test('a file that is no JSON is named', () => {
  expect(() => readCustomers(folder.file('customers.json', '{'))).toThrow(/customers\.json is no JSON: /);
});

test('a context that names __proto__ is refused, not read without it', () => {
  const file = folder.file(
    'customers.json',
    '{"customers":[{"customerId":"a","encryptionContext":{"__proto__":"x"}}]}',
  );

  expect(() => readCustomers(file)).toThrow('no member may be named __proto__');
});

test('a file nested without end is refused before it is read', () => {
  const nested = (levels: number) => `{"customers":[],"x":${'['.repeat(levels)}${']'.repeat(levels)}}`;

  expect(readCustomers(folder.file('customers.json', nested(255)))).toEqual([]);
  expect(() => readCustomers(folder.file('customers.json', nested(1_000_000)))).toThrow('nested deeper than 256');
});

test('any id is a folder directly in the output, and no two ids share one', () => {
  const out = join(folder.path, 'out');
  const hostile = fc.constantFrom(
    '..',
    '.',
    '.keywright',
    '../x',
    'a/b',
    'a\\b',
    'C:',
    'summary.json/',
    'summary.json',
    'public-keys',
    'tile',
    'checkpoint',
    'Acme',
    'acme',
    '%41cme',
    '%2e',
    '~',
    'x\u0000',
    '__proto__',
  );
  const id = fc.oneof(hostile, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }));
  fc.assert(
    fc.property(id, id, (one, other) => {
      const name = folderOf(one);
      expect(basename(join(out, name))).toBe(name);
      expect(name).toMatch(/^(%[0-9A-F]{2}|[a-z0-9_-])(%[0-9A-F]{2}|[a-z0-9_.-])*$/);
      expect(decodeURIComponent(name)).toBe(one);
      expect(name.toLowerCase() === folderOf(other).toLowerCase()).toBe(one === other);
      expect(['summary.json', 'public-keys', 'tile', 'checkpoint']).not.toContain(name);
    }),
  );
  mkdirSync(join(out, folderOf('../../etc')), { recursive: true });
});

test('an id that no file system takes is refused', () => {
  expect(() => folderOf('é'.repeat(60))).toThrow('is too long');
  expect(() => folderOf('x\ud800')).toThrow('holds half of a character');
});
