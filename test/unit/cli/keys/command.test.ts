import { type KeyPage, pageOfAll, showKeys, showPage } from '../../../../cli/keys/command';
import type { ShownKey } from '../../../../shared/domain/api/list-keys';
import { aMaterial, NOW } from '../../../support/make';

const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const aKey = (fields: Partial<ShownKey> = {}): ShownKey => ({
  kmsKeyArn: ARN,
  option: 'customer-managed',
  customerId: 'acme',
  state: 'active',
  keyMaterialId: aMaterial(1),
  availability: 'available',
  availabilitySince: NOW,
  ...fields,
});

test('a key that is away says since when, why, by whose act, and what to type', () => {
  const loss = { availability: 'unavailable', cause: 'key-pending-deletion', party: 'customer' } as const;

  const text = showKeys([aKey({ ...loss, incidentId: 'a'.repeat(32) })]);

  expect(text).toContain('unavailable since 2026-11-24 12:00:00 UTC: key-pending-deletion (customer)');
  expect(text).toContain(`keywright explain ${'a'.repeat(32)}`);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('of a page of all keys those that do not serve come first, then each state together', () => {
  const key = (id: string, fields: Partial<ShownKey>) => aKey({ kmsKeyArn: `${ARN}${id}`, ...fields });

  const text = showPage({
    keys: [
      key('d', { state: 'retiring' }),
      key('c', {}),
      key('b', { availability: 'at-risk' }),
      key('a', { availability: 'unavailable' }),
    ],
    next: 'row#7',
  });

  expect(text.match(/(?<=5)[abcd]$/gm)).toEqual(['a', 'b', 'c', 'd']);
  expect(text).toContain("keywright keys --after 'row#7'");
  expect(showPage({ keys: [] })).toContain('keywright keys KEY');
});

test('pages of the API that hold few keys are joined, and one that fills ours says where the next begins', async () => {
  const many = Array.from({ length: 50 }, () => aKey());
  const pages: Readonly<Record<string, KeyPage>> = {
    first: { keys: [aKey()], next: 'b' },
    b: { keys: [], next: 'c' },
    c: { keys: many, next: 'd' },
    d: { keys: [aKey()] },
  };
  const api = {
    call: async <Answer>(_name: string, { after = 'first' }: { readonly after?: string }) => pages[after] as Answer,
  };

  expect(await pageOfAll(api, undefined)).toEqual({ keys: [aKey(), ...many], next: 'd' });
  expect(await pageOfAll(api, 'd')).toEqual({ keys: [aKey()] });
});

test('a key that nobody looks at is not said to be available', () => {
  const { availabilitySince: _none, ...key } = aKey({ availability: 'unknown' });

  const text = showKeys([key]);

  expect(text).toContain('unknown: nobody looks at it');
  expect(text).not.toMatch(/\bavailable/);
});

test('an alias that somebody wrote does not reach the terminal', () => {
  expect(showKeys([aKey({ alias: 'alias/\u001b[2J' })])).not.toContain('\u001b');
});

test('a budget that is nearly burnt is told with its key', () => {
  const terms = { targetPercent: 99.95, window: { days: 30 }, exclude: [] };
  const budget = {
    customerId: 'acme',
    terms,
    isDefault: false,
    budgetMs: 1_296_000,
    leftMs: 120_000,
    isNearlyBurnt: true,
  };

  expect(showKeys([aKey({ budget })])).toContain('acme was promised 99.95 % of 30 days: 2 min left of 21 min 36 s');
});
