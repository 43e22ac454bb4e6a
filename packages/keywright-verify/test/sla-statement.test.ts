/** Statements that were tampered with, by whoever has no key and by whoever has it. */
import fc from 'fast-check';
import type { Json } from '../../../shared/domain/audit/canonical-json';
import { signNote, verifierKey } from '../../../shared/domain/audit/log/signed-note';
import { CLAUSE_NAMES, excludingClause } from '../../../shared/domain/service-levels/service-level';
import { STATEMENT_NAME, statementText } from '../../../shared/domain/sla-ledger/sla-statement';
import { aSigner } from '../../../test/support/memory-audit';
import { verifySlaStatement } from '../sla-statement';

const MINUTE_MS = 60_000;
const at = (minutes: number) => new Date(Date.UTC(2026, 9, 1) + minutes * MINUTE_MS).toISOString();

const INTERVAL = {
  incidentId: 'i-1',
  kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/one',
  cause: 'key-disabled',
  party: 'provider',
  lostAt: at(10),
  detectedAt: at(11),
  pagedAt: at(12),
  stoppedAt: at(15),
  restoredAt: at(25),
  servingAt: at(25),
  dataStoreCount: 1,
  dataStores: [],
  restsOn: [],
  burntMs: 10 * MINUTE_MS,
  excludedMs: 0,
};
const STATEMENT = {
  v: 1,
  customerId: 'acme',
  name: 'Acme Ltd',
  from: at(0),
  to: at(1_000),
  issuedAt: at(2_000),
  serviceLevel: { targetPercent: 99, window: '30d', exclude: ['customer-key'], isDefault: false },
  budgetMs: 10 * MINUTE_MS,
  burntMs: 10 * MINUTE_MS,
  excludedMs: 0,
  intervals: [INTERVAL],
};

const publicKey = async (seed = 1, name = 'keywright/audit/acme') => verifierKey(name, await aSigner(seed).publicKey());
const signed = (statement: Json, seed = 1) => signNote(statementText(statement), STATEMENT_NAME, aSigner(seed));
const faultsOf = async (statement: Json) => verifySlaStatement(await signed(statement), await publicKey()).faults;

test('a statement that adds up holds, under any name of the key that signs streams', async () => {
  expect(await faultsOf(STATEMENT)).toEqual([]);
  expect(verifySlaStatement(await signed(STATEMENT), await publicKey(1, 'keywright/audit/globex')).faults).toEqual([]);
});

test('no byte of a statement can be changed without its signature', async () => {
  const note = await signed(STATEMENT);
  const key = await publicKey();
  const bytes = Buffer.from(note);

  await fc.assert(
    fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), async (place, change) => {
      const other = Buffer.from(bytes);
      other[place] = (other[place] ?? 0) ^ change;
      expect(() => verifySlaStatement(other, key)).toThrow();
    }),
    { numRuns: 500 },
  );
});

test('what another key signed, or the same key under another name, is no statement', async () => {
  const certificate = await signNote(statementText(STATEMENT), 'keywright/retirement', aSigner());

  for (const note of [await signed(STATEMENT, 2), certificate])
    expect(() => verifySlaStatement(note, '')).toThrow(/name\+keyid\+key/);
  for (const note of [await signed(STATEMENT, 2), certificate]) {
    const key = await publicKey();
    expect(() => verifySlaStatement(note, key)).toThrow(expect.objectContaining({ code: 'wrong-signer' }));
  }
});

test.each<[string, object, RegExp]>([
  ['a burnt sum that is too small', { burntMs: 1 }, /^burntMs is 1, and the intervals give 600000\.$/],
  ['an excluded sum out of nothing', { excludedMs: 5 }, /^excludedMs is 5, and the intervals give 0/],
  ['a budget that the target does not give', { budgetMs: 1 }, /^budgetMs is 1, and the intervals give 600000/],
  ['a period that was not over', { issuedAt: at(999) }, /issued before its period was over/],
  ['an interval that is left out', { intervals: [] }, /burntMs is 600000, and the intervals give 0/],
  ['an interval that is there twice', { intervals: [INTERVAL, INTERVAL] }, /i-1 is accounted for twice/],
  [
    'a clause put on what was burnt',
    { intervals: [{ ...INTERVAL, clause: 'customer-key' }] },
    /i-1: burntMs is 600000, and its instants give 0/,
  ],
  [
    'a stop that comes later',
    { intervals: [{ ...INTERVAL, stoppedAt: at(20) }] },
    /i-1: burntMs is 600000, and its instants give 300000/,
  ],
  [
    'a detection before the loss',
    { intervals: [{ ...INTERVAL, detectedAt: at(9) }] },
    /i-1: lostAt is after detectedAt/,
  ],
  [
    'an end before the stop',
    { intervals: [{ ...INTERVAL, servingAt: at(14), restoredAt: at(14) }] },
    /i-1: stoppedAt is after servingAt/,
  ],
  [
    'an act of ours that is put on the customer',
    {
      burntMs: 0,
      excludedMs: INTERVAL.burntMs,
      intervals: [{ ...INTERVAL, clause: 'customer-key', burntMs: 0, excludedMs: INTERVAL.burntMs }],
    },
    /i-1: customer-key does not exclude key-disabled by provider/,
  ],
  [
    'a customer’s act that is put on AWS',
    {
      burntMs: 0,
      excludedMs: INTERVAL.burntMs,
      intervals: [{ ...INTERVAL, clause: 'cloud-outage', burntMs: 0, excludedMs: INTERVAL.burntMs }],
    },
    /i-1: cloud-outage does not exclude key-disabled/,
  ],
])('%s is named, whoever signed it', async (_, change, fault) => {
  expect(await faultsOf({ ...STATEMENT, ...change } as Json)).toContainEqual(expect.stringMatching(fault));
});

test.each<[string, object]>([
  ['a later version', { v: 2 }],
  ['no customer', { customerId: 7 }],
  ['an instant that is none', { from: 'yesterday' }],
  ['a day that no month has', { from: '2026-02-30T25:00:00.000Z' }],
  ['time below nothing', { burntMs: -1 }],
  ['intervals that are none', { intervals: [{}] }],
  ['a clause that is none', { intervals: [{ ...INTERVAL, clause: null }] }],
])('%s is no statement of this version', async (_, change) => {
  const note = await signed({ ...STATEMENT, ...change } as Json);
  const key = await publicKey();

  expect(() => verifySlaStatement(note, key)).toThrow(expect.objectContaining({ code: 'statement-malformed' }));
});

test('a clause excludes for the verifier what it excludes for whoever signs', async () => {
  const { burntMs: excludedMs } = INTERVAL;
  for (const clause of CLAUSE_NAMES)
    for (const party of ['customer', 'provider', 'unknown'] as const)
      for (const cause of ['key-disabled', 'kms-outage', 'sts-outage', 'throttled'] as const) {
        const intervals = [{ ...INTERVAL, clause, party, cause, burntMs: 0, excludedMs }];
        const faults = await faultsOf({ ...STATEMENT, burntMs: 0, excludedMs, intervals });
        expect(faults).toHaveLength(excludingClause({ exclude: [clause] }, { party, cause }) === clause ? 0 : 1);
      }
});
