import { openWebhook } from '../../../../../cli/start/deliveries/webhook';
import { randomEndpointSecrets, signaturesOf } from '../../../../../shared/adapters/destinations/webhook-signatures';

const { secret } = randomEndpointSecrets.make('v1');
const timestamp = '1764000000';

async function post(url: string, id: string, body: string, signature: string): Promise<void> {
  const headers = {
    connection: 'close',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signature,
  };
  expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(204);
}

test('what the secret signed is handed over; a body that it did not sign is refused by its id', async () => {
  const webhook = await openWebhook();
  await post(
    webhook.url,
    'globex/webhook/0',
    '{"a":1}',
    signaturesOf([secret], 'globex/webhook/0', timestamp, Buffer.from('{"a":1}')),
  );
  expect(webhook.bodies(secret)).toEqual(['{"a":1}']);

  await post(
    webhook.url,
    'globex/webhook/1',
    '{"a":2}',
    signaturesOf([secret], 'globex/webhook/0', timestamp, Buffer.from('{"a":1}')),
  );
  expect(() => webhook.bodies(secret)).toThrow('globex/webhook/1');
});
