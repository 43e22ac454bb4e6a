import { compared } from '../../../../../cli/start/deliveries/compare';
import type { EntryFormat } from '../../../../../shared/domain/subscriptions/subscription';

const record = (eventID: string) => `{"eventID":"${eventID}","size":1.0}`;
const LOG = [
  `{"kind":"use","operation":"Decrypt","record":${record('a')}}`,
  '{"kind":"fact","operation":"key-rotated.v1","fact":{}}',
  `{"kind":"use","operation":"Encrypt","record":${record('b')}}`,
];
const TEST = '{"kind":"test","operation":"subscription-test"}';

const cloudEvent = (entry: string) => `{"specversion":"1.0","data":${entry}}`;
const ocsf = (entry: string) => JSON.stringify({ class_uid: 6003, raw_data: entry });

const CAME: Readonly<Record<EntryFormat, readonly string[]>> = {
  cloudevents: [TEST, ...LOG].map(cloudEvent),
  ocsf: [TEST, ...LOG].map(ocsf),
  cloudtrail: [TEST, record('a'), record('b')],
};

test.each(Object.entries(CAME))('%s: all that came, in any order and twice, is what the log has', (format, bodies) => {
  const twice = [...bodies, ...bodies].reverse();
  const entries = format === 'cloudtrail' ? 2 : 3;

  expect(compared(format as EntryFormat, twice, LOG, LOG.length)).toEqual({ entries, isWhole: true });
});

test.each(Object.entries(CAME))('%s: one that is missing shows, unless it was not owed yet', (format, bodies) => {
  const short = bodies.slice(0, -1);

  expect(compared(format as EntryFormat, short, LOG, LOG.length).isWhole).toBe(false);
  expect(compared(format as EntryFormat, short, LOG, LOG.length - 1).isWhole).toBe(true);
});

test.each(Object.entries(CAME))('%s: one byte that was written anew shows', (format, bodies) => {
  const changed = bodies.map((body) => body.replace('1.0}', '1}'));
  // What is one number to JSON is another text.
  expect(changed.join('')).not.toBe(bodies.join(''));

  expect(compared(format as EntryFormat, changed, LOG, LOG.length).isWhole).toBe(false);
  expect(compared(format as EntryFormat, [...bodies, ...changed], LOG, LOG.length).isWhole).toBe(false);
});

test('where a test alone came nothing is whole', () => {
  expect(compared('cloudevents', [cloudEvent(TEST)], [], 0)).toEqual({ entries: 0, isWhole: false });
});
