/** What an assessment writes on an incident of what is ahead. */
import { severityOf } from '../../../../shared/domain/availability/incidents/severity';
import { incidentWorld } from '../../../support/incident-world';
import { aCustomer, after, aServiceLevel } from '../../../support/make';

const MINUTE_MS = 60_000;

function world() {
  const it = incidentWorld();
  it.givenWatched();
  it.control.given('customer', aCustomer());
  it.control.given('service-level', aServiceLevel({ exclude: ['customer-key'], revision: 1 }));
  return it;
}

test('the customer’s own act says when their data stores stop, and that their clause excludes the time; it pages all the same', async () => {
  const { kms, signal, incidents } = world();
  kms.unwrapAnswers('kms.key-disabled');
  kms.keyStateIs('Disabled');

  await signal({ signalledAt: after(-2_000) });

  const [incident] = incidents();
  expect(incident).toMatchObject({
    party: 'customer',
    outlook: {
      lostAt: after(-2_000),
      stopping: [{ stopsAt: after(-2_000), dataStores: 1, customerFacing: 1 }],
      budget: { customerId: 'acme', clause: 'customer-key', leftMs: 21.6 * MINUTE_MS },
    },
  });
  expect(incident && severityOf(incident)).toBe('critical');
});
