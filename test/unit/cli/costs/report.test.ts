import { costsCsv, dollars, showAll, showOne } from '../../../../cli/costs/report';
import type { ShownShare } from '../../../../shared/domain/api/costs';
import { shareOf } from '../../../../shared/domain/costs/close-month';
import { PRICES } from '../../../../shared/domain/costs/prices';
import { NO_USAGE } from '../../../../shared/domain/costs/usage';
import { anArn, NOW } from '../../../support/make';

const KEY = anArn();
const share: ShownShare = {
  ...shareOf(
    {
      ...{ customerId: '=acme, Ltd', payerAccountId: '111122223333', month: '2026-11', fromIndex: 0, nextIndex: 9 },
      usage: {
        ...NO_USAGE,
        ...{ requests: { Decrypt: 12_000, Sign: 1 }, requestsByClass: { request: 12_000, 'asymmetric-request': 1 } },
        ...{ keyUses: { [KEY]: 3 }, failedRequests: 2 },
      },
      ...{ after: NO_USAGE, storedBytes: 2 ** 30, keysLeftOut: 4, deliveredBefore: {}, dueAt: NOW, revision: 1 },
      keys: { [KEY]: { chargedTo: '2026-11-01T00:00:00.000Z', materialsChargedTo: [] } },
    },
    '2026-12-01T00:00:00.000Z',
    { usesOfAll: { [KEY]: 6 }, delivered: [{ name: 'siem', kind: 'webhook', delivered: 9 }] },
  ),
  isFinal: true,
};

test('a share says what each part costs, to the last millionth, in 80 columns', () => {
  const text = showOne({ share, priceTable: PRICES });

  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(text).toMatch(/^request +12,000 +request +\$0\.036000$/m);
  expect(text).toMatch(/^key +720 +hour of 720 +\$0\.500000$/m);
  expect(text).toMatch(/^storage .* \$0\.023000$/m);
  expect(text).toMatch(/^delivery-webhook +9 +entry +no price$/m);
  expect(text).toMatch(/^total +\$0\.559015$/m);
  expect(text).toMatch(/3 of 6/);
  expect(text).toMatch(/More keys than are counted were named 4 times/);
  expect(text).toMatch(/to be checked, since none confirmed them: asymmetric-request\./);
  expect(text).not.toMatch(/undefined|NaN|\[object/);
});

test('CSV has a line for each cost, and no cell that a spreadsheet would run', () => {
  const [head, first, ...others] = costsCsv([share]).split('\r\n');

  expect(head).toBe('customerId,month,state,item,units,unit,microUsd');
  expect(first).toBe(`"'=acme, Ltd",2026-11,final,request,12000,request,36000`);
  expect(others).toHaveLength(share.lines.length - 1);
});

test('all customers are a table, which says how to go on', () => {
  const text = showAll({ month: '2026-11', shares: [share], next: 'cursor' });

  expect(text).toMatch(/=acme, Ltd +final +12,001 +1 +\$0\.559015/);
  expect(text).toMatch(/--after cursor/);
  expect(showAll({ month: '2026-11', shares: [] })).toBe('Nothing is counted of 2026-11 on this page.');
});

test.each([
  [0, '$0.000000'],
  [1, '$0.000001'],
  [1_234_567_890_123, '$1,234,567.890123'],
])('%d millionths are %s', (microUsd, text) => {
  expect(dollars(microUsd)).toBe(text);
});
