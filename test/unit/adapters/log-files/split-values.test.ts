import fc from 'fast-check';
import { type SplitFault, type SplitValue, VALUE_BYTES_MAX } from '../../../../shared/adapters/log-files/split-state';
import { valueSplitter } from '../../../../shared/adapters/log-files/split-values';
import { logOf } from '../../../support/log-files';

type Item = SplitValue | SplitFault;

function split(
  content: string | Uint8Array,
  { size = 7, lines = false, cause }: { size?: number; lines?: boolean; cause?: string } = {},
) {
  const bytes = Buffer.from(content as Uint8Array);
  const splitter = valueSplitter({ lines });
  const items: Item[] = [];
  for (let at = 0; at < bytes.length; at += size) items.push(...splitter.push(bytes.subarray(at, at + size)));
  items.push(...splitter.end(cause));
  return items;
}

const values = (items: readonly Item[]) => items.flatMap((item) => ('value' in item ? [item.value] : []));
const faults = (items: readonly Item[]) => items.flatMap((item) => ('fault' in item ? [item.fault] : []));

/** It begins as every record of AWS does, and nests, quotes and escapes as they do. */
const record = (number: number) => ({
  eventVersion: '1.08',
  eventID: `${number}`,
  userIdentity: { arn: 'a:"b"' },
  resources: [{}],
});
const three = [record(1), record(2), record(3)];

test.each([
  ['a log file', logOf([{ a: 1 }, { a: 2 }]), [{ a: 1 }, { a: 2 }]],
  ['a log file with indentation', JSON.stringify({ Records: [{ a: 1 }, { a: [] }] }, null, 2), [{ a: 1 }, { a: [] }]],
  ['a log file that says more', '{"x":{"Records":[9]},"Records":[{"a":1}],"y":["z"]}', [{ a: 1 }]],
  ['log files one after the other', `${logOf([{ a: 1 }])}\n${logOf([{ a: 2 }])}`, [{ a: 1 }, { a: 2 }]],
  ['an empty log file', '{"Records":[]}', []],
  ['a list', '[{"a":1}, {"a":2}]', [{ a: 1 }, { a: 2 }]],
  ['one record', '{"a":{"b":"}"}}', [{ a: { b: '}' } }]],
  ['one record with indentation', '{\n  "a": [1,\n 2]\n}', [{ a: [1, 2] }]],
  ['JSON lines', '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
  ['JSON lines of Windows', '{"a":1}\r\n\r\n{"a":2}\r\n', [{ a: 1 }, { a: 2 }]],
  ['JSON lines that are log files', `${logOf([{ a: 1 }])}\n${logOf([{ a: 2 }])}\n`, [{ a: 1 }, { a: 2 }]],
  ['a byte order mark', '\ufeff{"Records":[{"a":1}]}', [{ a: 1 }]],
  ['escaped quotes and backslashes', '{"Records":[{"a":"\\\\\\"}]"}]}', [{ a: '\\"}]' }]],
  ['values that are no objects', '{"Records":[1, null, "x", true]}', [1, null, 'x', true]],
  ['nothing', ' \n', []],
])('the values of %s are found', (_, content, expected) => {
  for (const size of [1, 3, 1000]) {
    expect(values(split(content, { size }))).toEqual(expected);
    expect(faults(split(content, { size }))).toEqual([]);
  }
});

test('any log is split into its records, however its bytes arrive', () => {
  const anyLog = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), { maxLength: 6 });
  fc.assert(
    fc.property(anyLog, fc.integer({ min: 1, max: 40 }), fc.constantFrom(undefined, 1), (log, size, indent) => {
      expect(values(split(JSON.stringify({ Records: log }, null, indent), { size }))).toEqual(
        JSON.parse(JSON.stringify(log)),
      );
      const asLines = log.map((value) => JSON.stringify(value)).join('\n');
      expect(values(split(asLines, { size, lines: true }))).toHaveLength(
        log.filter((value) => !Array.isArray(value['Records'])).length,
      );
    }),
    { numRuns: 500 },
  );
});

test('a record is handed on as it was received, whitespace between its parts as well', () => {
  const [compact, spaced] = split('{"Records":[{"a":"b c"},{"a": 1}]}') as readonly SplitValue[];

  expect(compact?.received?.text).toBe('{"a":"b c"}');
  expect(spaced?.received).toMatchObject({ text: '{"a": 1}', isCompact: false });
});

test.each([
  ['in the middle of a record', logOf(three).slice(0, -20)],
  ['between records', logOf(three).slice(0, logOf(three).lastIndexOf(',{"eventVersion"') + 1)],
  ['before the list is closed', logOf(three).slice(0, -2)],
  ['before the object is closed', logOf(three).slice(0, -1)],
  ['in the key of the list', '{"Reco'],
])('a file that ends %s has one fault, and the records before it are kept', (_, content) => {
  for (const size of [1, 5, 1000]) {
    const items = split(content, { size });
    expect(faults(items)).toHaveLength(1);
    expect(values(items)).toEqual(three.slice(0, values(items).length));
  }
});

test('wherever a file is cut, there is one fault and every whole record before the cut', () => {
  const whole = logOf(three);
  const ends = three.map((one) => whole.indexOf(JSON.stringify(one)) + JSON.stringify(one).length);
  for (let cut = 1; cut < whole.length; cut++) {
    const items = split(whole.slice(0, cut), { size: 64 });
    expect([cut, faults(items).length]).toEqual([cut, 1]);
    expect([cut, values(items).length]).toEqual([cut, ends.filter((end) => end <= cut).length]);
  }
});

test('a member that lost its value does not hide damage in the next log file', () => {
  const items = split('{"Records":[{"a":1}],"x":}\n{"Records":[{"a":2}]{"a":3}]}');

  expect(values(items)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  expect(faults(items)).toEqual(['the list of records is closed before its end (byte 46)']);
});

test('why the input ended early is reported even when its values seem whole', () => {
  expect(faults(split(logOf(three), { cause: 'the gzip data ends early' }))).toEqual([
    expect.stringContaining('the gzip data ends early'),
  ]);
  expect(faults(split(logOf(three).slice(0, -30), { cause: 'the gzip data ends early' }))).toHaveLength(1);
});

test.each([
  ['a word', 'garbage'],
  ['a broken object', '{"a":}'],
  ['an object that is not closed in its line', '{"eventVersion":"1.08",'],
])('%s among the records is one fault, at its place', (_, bad) => {
  const [first, second, third] = three.map((one) => JSON.stringify(one));
  const items = split(`{"Records":[${first},${bad},${second},${third}]}`);

  expect(values(items)).toEqual(three);
  expect(items.find((item) => 'fault' in item)?.index).toBe(1);
});

test.each([
  ['a broken line', '{"a":'],
  ['a line that ends in a string', '{"a":"b'],
  ['a line of text', 'garbage and more'],
])('%s among JSON lines is one fault, and the lines after it are kept', (_, bad) => {
  const content = `{"a":1}\n${bad}\n{"a":2}\n{"a":3}\n`;

  for (const lines of [true, false]) {
    expect(values(split(content, { lines }))).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
    expect(faults(split(content, { lines }))).toHaveLength(1);
  }
});

test('a log file that is cut at the end of its line does not swallow the log file in the next', () => {
  const content = `{"Records":[{"a":1},{"b"\n${logOf([{ a: 2 }, { a: 3 }])}\n`;
  const items = split(content, { lines: true });

  expect(values(items)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  expect(faults(items)).toHaveLength(1);
});

/** Before the first record: damage there makes it another file. */
const FRAME_BYTES = '{"Records":['.length;

test('any byte in any place of the records costs at most the record it is in, and is at most one fault', () => {
  const content = Buffer.from(logOf(three));
  const worse: (readonly [at: number, byte: number])[] = [];
  for (let at = FRAME_BYTES; at < content.length; at++) {
    for (let byte = 0; byte < 256; byte++) {
      const flipped = Buffer.from(content);
      flipped[at] = byte;
      const items = split(flipped, { size: 100 });
      if (values(items).length < 2 || faults(items).length > 1) worse.push([at, byte]);
    }
  }

  expect(worse).toEqual([]);
});

test('no record is lost without a fault', () => {
  const content = Buffer.from(logOf(three));
  const anywhere = fc.tuple(fc.integer({ min: FRAME_BYTES, max: content.length - 1 }), fc.nat(255));
  fc.assert(
    fc.property(fc.array(anywhere, { maxLength: 4 }), (list) => {
      const spoiled = Buffer.from(content);
      for (const [at, byte] of list) spoiled[at] = byte;
      const items = split(spoiled, { size: 100 });
      expect(values(items).length === three.length || faults(items).length > 0).toBe(true);
    }),
    { numRuns: Number(process.env['RUNS'] ?? 800) },
  );
});

test('the same bytes give the same values and faults, however they arrive', () => {
  const content = Buffer.from(logOf(three));
  const flips = fc.array(fc.tuple(fc.nat(content.length - 1), fc.nat(255)), { maxLength: 5 });
  fc.assert(
    fc.property(flips, fc.integer({ min: 1, max: 300 }), (list, size) => {
      const spoiled = Buffer.from(content);
      for (const [at, byte] of list) spoiled[at] = byte;
      expect(JSON.stringify(split(spoiled, { size }))).toBe(JSON.stringify(split(spoiled, { size: spoiled.length })));
    }),
    { numRuns: Number(process.env['RUNS'] ?? 800) },
  );
});

test('any bytes at all are split without an error', () => {
  const tokens = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    '\n',
    ' ',
    '1',
    'x',
    '{"Records":[',
    '{"eventVersion"',
  );
  const soup = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(tokens, { maxLength: 60 }).map((list) => Buffer.from(list.join(''))),
  );
  fc.assert(
    fc.property(soup, fc.boolean(), fc.integer({ min: 1, max: 20 }), (bytes, lines, size) => {
      expect(JSON.stringify(split(bytes, { size, lines }))).toBe(JSON.stringify(split(bytes, { size: 1000, lines })));
    }),
    { numRuns: Number(process.env['RUNS'] ?? 800) },
  );
});

test('a value that is too long is one fault, and the record after it is kept', () => {
  const long = JSON.stringify({ eventVersion: '1.08', filler: 'x'.repeat(2 * VALUE_BYTES_MAX) });
  const items = split(`{"Records":[${long},${JSON.stringify(record(1))}]}`, { size: 256 * 1024 });

  expect(faults(items)).toEqual([expect.stringContaining('longer than')]);
  expect(items).toHaveLength(2);
  expect(values(items)).toEqual([record(1)]);
});

test('deep nesting is no fault of the splitter', () => {
  expect(split(`{"Records":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}`, { size: 65_536 })).toHaveLength(1);
});

test('text that is not UTF-8 is a fault and not another text', () => {
  const content = Buffer.from('{"Records":[{"a":"x"},{"a":"y"}]}');
  content[content.indexOf('x')] = 0xff;

  expect(values(split(content))).toEqual([{ a: 'y' }]);
});

test('a value nested too deeply is stepped over as a whole, wherever the chunks end', () => {
  const deep = (levels: number) => `${'{"a":['.repeat(levels / 2)}${'{"eventVersion":"1"}'}${']}'.repeat(levels / 2)}`;
  const log = `{"Records":[{"a":1},${deep(256)},${deep(254)},{"b":2}]}`;

  for (const size of [1, 7, 10_000]) {
    const items = split(log, { size });
    expect(faults(items)).toEqual(['it is nested deeper than 256 levels (byte 20)']);
    expect(values(items)).toHaveLength(3);
  }
});

/** The processor time that splitting takes: what is read over and over would take a minute and more here. */
function timed(content: string): { readonly items: readonly Item[]; readonly seconds: number } {
  const start = process.cpuUsage();
  const items = split(content, { size: 128 * 1024 });
  return { items, seconds: process.cpuUsage(start).user / 1e6 };
}

test.each([
  ['is never closed', '['.repeat(VALUE_BYTES_MAX + 3000), 1],
  ['is a string without an end', `"${'x'.repeat(3 * VALUE_BYTES_MAX)}`, 1],
  ['is broken by a line end', `${'['.repeat(50_000)}"\n`, 0],
])('what follows the list of records and %s is passed over once', (_, rest, faultCount) => {
  const { items, seconds } = timed(`{"Records":[${JSON.stringify(record(1))}],"x":${rest}`);

  expect(values(items)).toEqual([record(1)]);
  expect(faults(items).filter((fault) => fault.includes('longer than'))).toHaveLength(faultCount);
  expect(faults(items)).toHaveLength(1);
  expect(seconds).toBeLessThan(4);
});

test.each([
  ['is never closed', '{"eventVersion":"', ''],
  ['is broken by the same line end', '{"eventVersion":[', '"\n'],
  ['is closed and no JSON', '{"eventVersion":', `x${'}'.repeat(60_000)}`],
  ['has a sound one within', '{"eventVersion":[,{"eventVersion":1},', ''],
])('damage in which each of many records %s is not read again for each', (_, start, end) => {
  const { items, seconds } = timed(`{"Records":[${JSON.stringify(record(1))},${start.repeat(60_000)}${end}`);

  expect(values(items)[0]).toEqual(record(1));
  expect(faults(items).length).toBeGreaterThan(0);
  expect(seconds).toBeLessThan(8);
});
