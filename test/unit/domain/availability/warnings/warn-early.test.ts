import { automaticRotationDrifted } from '../../../../../events/automatic-rotation-drifted';
import { customerAliasMoved } from '../../../../../events/customer-alias-moved';
import { keyMaterialExpiring } from '../../../../../events/key-material-expiring';
import { pageWarning } from '../../../../../shared/domain/availability/paging/page-notice';
import {
  ofAlias,
  ofDrift,
  ofExpiry,
  type Warned,
  warnEarly,
} from '../../../../../shared/domain/availability/warnings/warn-early';
import { incidentWorld } from '../../../../support/incident-world';
import { aDataStore, aKmsKey, aMaterial, anArn, after as inMs, NOW } from '../../../../support/make';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const told = { factId: 'fact-1', at: NOW, kmsKeyArn: anArn(), customerId: 'acme' };
const expiring = (days = 30) => ofExpiry(keyMaterialExpiring.read({ ...told, expiresAt: inMs(days * DAY_MS) }));
const drifted = ofDrift(automaticRotationDrifted.read({ ...told, found: 'off', wantedDays: 365, repaired: false }));
const moved = ofAlias(customerAliasMoved.read({ ...told, alias: 'alias/theirs', toKmsKeyArn: anArn('other') }));

function world() {
  const it = incidentWorld();
  it.control.given('kms-key', aKmsKey({ revision: 1 }));
  it.control.given('data-store', aDataStore());
  return {
    ...it,
    /** As the function does. */
    async hear(warned: Warned) {
      if (await warnEarly(warned, it.ports)) await pageWarning(warned.warningId, it.ports);
    },
  };
}

test('material that expires is told of at once, and then once a step until it does', async () => {
  const it = world();
  for (let delivery = 0; delivery < 3; delivery += 1) await it.hear(expiring());

  await it.runs(32 * 24 * 2, HOUR_MS / 2);

  expect(it.subjects()).toEqual(
    ['30 d', '7 d', '3 d', '1 d', '6 h', '1 h'].map((left) =>
      expect.stringMatching(new RegExp(`^${left} left: The KMS key of acme has imported key material that expires`)),
    ),
  );
  expect(it.pager.pages[0]?.body).toMatch(/^Severity: {3}warning$/m);
  expect(await it.control.due('early-warning', '9999', 10)).toEqual([]);
});

test('once the key has other material nobody is told any more, and nothing stays due', async () => {
  const it = world();
  await it.hear(expiring());
  it.control.given('kms-key', aKmsKey({ keyMaterialId: aMaterial(2), revision: 2 }));

  await it.runs(32, DAY_MS);

  expect(it.subjects()).toHaveLength(1);
  expect(await it.control.due('early-warning', '9999', 10)).toEqual([]);
});

test('material that was replaced before anybody could be told is not due for ever', async () => {
  const it = world();
  await warnEarly(expiring(2), it.ports);
  it.control.given('kms-key', aKmsKey({ keyMaterialId: aMaterial(2), revision: 2 }));

  await it.runs(1, MINUTE_MS);
  expect(await it.control.due('early-warning', it.clock.now(), 10)).toEqual([]);
});

test.each([
  [
    'rotation that was switched off',
    drifted,
    /no longer rotates by itself/,
    /KMS says off, the policy every 365 days\. Nothing was touched/,
  ],
  ['an alias that was moved', moved, /alias points at/, /alias\/theirs points at .*key\/other/],
])('%s is told of once', async (_, warned, subject, body) => {
  const it = world();
  for (let delivery = 0; delivery < 3; delivery += 1) await it.hear(warned);

  await it.runs(40, DAY_MS);

  expect(it.subjects()).toEqual([expect.stringMatching(subject)]);
  expect(it.pager.pages[0]?.body).toMatch(body);
});

test('a word that no channel takes is sent by the schedule', async () => {
  const it = world();
  it.pager.fail(1);
  await expect(it.hear(drifted)).rejects.toMatchObject({ code: 'page.not-sent' });

  await it.runs(3, MINUTE_MS);

  expect(it.subjects()).toHaveLength(1);
});

test('nobody is told of a key on which nothing depends, or that is not registered', async () => {
  const it = world();
  it.control.given('data-store', aDataStore({ kmsKeyArn: anArn('new') }));

  await it.hear(expiring());
  await it.hear({ ...moved, kmsKeyArn: anArn('nobody') });

  expect(it.subjects()).toEqual([]);
  expect(it.control.all('early-warning')).toEqual([]);
});
