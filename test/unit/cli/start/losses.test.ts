import { ACME, CUSTOMERS, WAYNE } from '../../../../cli/start/customers';
import { isAway, isGivenBack, MORE_LOSSES, PENDING_DELETION } from '../../../../cli/start/losses';
import { openNotes } from '../../../../cli/start/notes';

const LOSSES = [PENDING_DELETION, ...MORE_LOSSES];

test.each(LOSSES)('$name: the key is away from before it is taken until its return was noticed', (loss) => {
  const notes = openNotes();
  const { customerId } = loss.customer;
  const steps = ['taken at', 'given back at', 'back at'].map((step) => {
    notes.once(`${loss.name}: ${step}`, () => 1);
    return [isAway(customerId, { notes }), isGivenBack(loss, { notes })];
  });

  expect(steps).toEqual([
    [true, false],
    [true, true],
    [false, true],
  ]);
});

test('a key that comes back is away all the same while the other loss of its customer lasts', () => {
  const notes = openNotes();
  const [first, second] = LOSSES.filter(({ customer }) => customer === ACME);
  for (const step of ['taken at', 'back at']) notes.once(`${first?.name}: ${step}`, () => 1);
  expect(isAway(ACME.customerId, { notes })).toBe(false);

  notes.once(`${second?.name}: taken at`, () => 1);

  expect(isAway(ACME.customerId, { notes })).toBe(true);
});

test('before anything is taken nobody’s key is away', () => {
  const notes = openNotes();
  expect([...CUSTOMERS, WAYNE].some(({ customerId }) => isAway(customerId, { notes }))).toBe(false);
});
