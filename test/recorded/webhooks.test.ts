/** A webhook is signed as the fixed vector of Standard Webhooks has it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signatureHeaders } from '../../shared/adapters/pagers/webhook-pager';
import { PAGE } from '../contract/pager';

const VECTOR = JSON.parse(
  readFileSync(join(__dirname, '../../../shared/data/webhooks/standard-webhooks-vector.json'), 'utf8'),
);

test('id, timestamp and signature are those of the vector, and none of its decoys', () => {
  const { secret, msgId, timestamp, payload, expected, decoysThatMustNotVerify } = VECTOR;
  const now = new Date(timestamp * 1000 + 999).toISOString();

  const headers = signatureHeaders({ ...PAGE, messageId: msgId }, payload, secret, now);

  expect(headers).toEqual({
    'webhook-id': msgId,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': expected,
  });
  expect(decoysThatMustNotVerify).not.toContain(headers['webhook-signature']);
});
