import { LOSS, stagesOf } from '../../../../../shared/domain/availability/incidents/store-loss';
import { DATA_STORE_KINDS } from '../../../../../shared/domain/customers/customer';
import { after, NOW } from '../../../../support/make';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const deletionAt = after(10 * DAY_MS);

test.each([
  ['application', { stops: 'known', stopsAt: NOW }],
  ['s3', { stops: 'known', stopsAt: NOW }],
  [
    'rds',
    {
      stops: 'known',
      stopsAt: after(2 * HOUR_MS),
      lostAt: after(2 * HOUR_MS + 7 * DAY_MS),
      recoverableUntil: after(2 * HOUR_MS + 7 * DAY_MS),
    },
  ],
  ['aurora', { stops: 'unpublished', lostAt: after(7 * DAY_MS), recoverableUntil: after(7 * DAY_MS) }],
  [
    'dynamodb',
    { stops: 'known', stopsAt: after(5 * MINUTE_MS), lostAt: after(7 * DAY_MS), recoverableUntil: after(7 * DAY_MS) },
  ],
  ['ebs', { stops: 'next-use' }],
  ['efs', { stops: 'unpublished' }],
  ['secrets-manager', { stops: 'known', stopsAt: NOW }],
  ['sqs', { stops: 'known', stopsAt: after(5 * MINUTE_MS) }],
  ['lambda', { stops: 'unpublished' }],
  ['redshift', { stops: 'unpublished', lostAt: after(14 * DAY_MS), recoverableUntil: after(14 * DAY_MS) }],
  ['opensearch', { stops: 'unpublished', lossIsUnpublished: true }],
  ['other', { stops: 'unpublished' }],
] as const)('%s without its key since noon', (kind, stages) => {
  expect(stagesOf(kind, { lostAt: NOW })).toEqual(stages);
});

test.each(DATA_STORE_KINDS)(
  'a deletion of the key ends what can be had back of %s, unless the store ends it before',
  (kind) => {
    const { lostAt } = stagesOf(kind, { lostAt: NOW });
    const expected = lostAt !== undefined && lostAt < deletionAt ? lostAt : deletionAt;

    expect(stagesOf(kind, { lostAt: NOW, deletionAt }).recoverableUntil).toBe(expected);
  },
);

test('a kind whose time AWS does not publish says so to people, and one that has a time does not', () => {
  for (const kind of DATA_STORE_KINDS) {
    const isSaid = /not publish|Not known/.test(LOSS[kind].without);
    if (stagesOf(kind, { lostAt: NOW }).stops === 'unpublished') expect([kind, isSaid]).toEqual([kind, true]);
  }
});
