import { dependentsOf, partOfFact } from '../../../../shared/domain/audit/shared-key-facts';
import { attributeEvent } from '../../../../shared/domain/audit/steps/attribute-event';
import { makeEntries } from '../../../../shared/domain/audit/steps/make-entries';
import { parseEvent } from '../../../../shared/domain/audit/steps/parse-event';
import { OPERATOR_ID } from '../../../../shared/domain/customers/customer';
import { keyEventWorld, SHARED_KEY, WRITER } from '../../../support/key-event-world';
import { anEnvelope, received } from '../../../support/key-events';
import { aDataStore, anArn, NOW } from '../../../support/make';

const STORES = [
  aDataStore({ kmsKeyArn: SHARED_KEY, dataStoreId: 'orders' }),
  aDataStore({ kmsKeyArn: SHARED_KEY, dataStoreId: 'letters' }),
  aDataStore({ kmsKeyArn: SHARED_KEY, customerId: 'globex', dataStoreId: 'vault-of-globex' }),
  aDataStore({ kmsKeyArn: anArn('elsewhere'), customerId: 'initech', dataStoreId: 'other' }),
];

function worldWithStores() {
  const made = keyEventWorld();
  made.control.given('data-store', ...STORES);
  return made;
}

async function entriesOf(detailType: string, fields: Readonly<Record<string, unknown>>) {
  const { control, ports } = worldWithStores();
  const detail = { factId: 'fact-1', at: NOW, ...fields };
  await control.commit({ writes: [], facts: [{ factId: 'fact-1', detailType, detail }] });
  const event = await parseEvent(received(anEnvelope('keywright', detailType, detail)), ports);
  if ('ignored' in event) throw new Error(event.ignored);
  const attributed = await attributeEvent(event, ports);
  if ('ignored' in attributed) throw new Error(attributed.ignored);
  return makeEntries(attributed, WRITER).map(({ customerId, bytes }) => ({
    customerId,
    text: Buffer.from(bytes).toString(),
    fact: JSON.parse(Buffer.from(bytes).toString()).fact,
  }));
}

test.each([
  ['rotation', 'key-rotated.v1', { rotationId: 'r', strategy: 'replace', toKmsKeyArn: anArn('new') }],
  ['retirement', 'retirement-advanced.v1', { from: 'proposed', to: 'disabled', reason: 'globex and acme moved' }],
  ['incident', 'incident-opened.v1', { incidentId: 'i', cause: 'key-disabled', note: 'acme and globex' }],
  ['stop of its re-encryption', 'reencryption-changed.v1', { jobId: 'j', to: 'paused', by: 'someone at globex' }],
])('the %s of a shared key reaches each customer who depends on it, naming no other', async (_, type, fields) => {
  const entries = await entriesOf(type, { kmsKeyArn: SHARED_KEY, ...fields });

  expect(entries.map(({ customerId }) => customerId).sort()).toEqual(['acme', 'globex', OPERATOR_ID].sort());
  const acmes = entries.find(({ customerId }) => customerId === 'acme');
  expect(acmes?.fact).toMatchObject({ kmsKeyArn: SHARED_KEY, dataStoreCount: 2, dataStoreIds: ['letters', 'orders'] });
  expect(acmes?.text).not.toContain('globex');
  expect(entries.find(({ customerId }) => customerId === 'globex')?.text).not.toMatch(/acme|orders|letters/);
  expect(entries.find(({ customerId }) => customerId === OPERATOR_ID)?.fact).toMatchObject(fields);
});

test('whoever depends on the key that takes its place is told as well', async () => {
  const detail = { kmsKeyArn: anArn('gone'), toKmsKeyArn: anArn('elsewhere') };

  expect(await dependentsOf({ factId: 'f', detailType: 'key-rotated.v1', detail }, worldWithStores().control)).toEqual([
    { customerId: 'initech', dataStoreIds: ['other'] },
  ]);
});

test.each([
  ['names its customer', { kmsKeyArn: SHARED_KEY, customerId: 'globex' }],
  ['names no key', { quotaId: 'own/eu-central-1' }],
])('a fact that %s has no others', async (_, detail) => {
  expect(await dependentsOf({ factId: 'f', detailType: 'x.v1', detail }, worldWithStores().control)).toEqual([]);
});

test('of a certificate customers who share the key see what it says of the key, and its hash', () => {
  const detail = { kmsKeyArn: SHARED_KEY, verdict: 'needed', certificateHash: 'h', certificate: 'globex needs it' };
  const part = partOfFact(
    { factId: 'f', detailType: 'x.v1', detail },
    { customerId: 'acme', dataStoreIds: ['orders'] },
  );

  expect(part.detail).toEqual({
    ...{ kmsKeyArn: SHARED_KEY, verdict: 'needed', certificateHash: 'h' },
    ...{ customerId: 'acme', dataStoreCount: 1, dataStoreIds: ['orders'] },
  });
});

test('of very many stores the first are named and all are counted', () => {
  const dataStoreIds = Array.from({ length: 5000 }, (_, at) => `store-${at}`);
  const { detail } = partOfFact({ factId: 'f', detailType: 'x.v1', detail: {} }, { customerId: 'acme', dataStoreIds });

  expect(detail['dataStoreCount']).toBe(5000);
  expect(detail['dataStoreIds']).toHaveLength(50);
});
