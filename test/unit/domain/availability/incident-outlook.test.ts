/** What an assessment writes on an incident of what is ahead. */
import { type KeySignalReceived, keySignalReceived } from '../../../../events/key-signal-received';
import { assessKey } from '../../../../shared/domain/availability/assess-key';
import { severityOf } from '../../../../shared/domain/availability/incidents/severity';
import { NEVER } from '../../../../shared/domain/instants';
import {
  aCustomer,
  aDataStore,
  after,
  aKmsKey,
  anArn,
  aWatch,
  countedIds,
  NOW,
  ofKeys,
  silentLog,
} from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { testClock } from '../../../support/rotation-world';
import { scriptedKms } from '../../../support/scripted-kms';

const MINUTE_MS = 60_000;

function world() {
  const control = memoryControlStore();
  const kmsKeyArn = anArn();
  control.given('kms-key', aKmsKey({ kmsKeyArn, option: 'customer-managed' }));
  control.given('key-watch', aWatch({ kmsKeyArn }));
  control.given('customer', aCustomer());
  control.given('data-store', aDataStore({ kmsKeyArn }));
  const terms = { targetPercent: 99.95, window: { days: 30 }, exclude: ['customer-key'] } as const;
  control.given('service-level', { customerId: 'acme', ...terms, setBy: 'ada', setAt: NOW, dueAt: NEVER, revision: 1 });
  const kms = scriptedKms();
  const clock = testClock();
  const pause = { wait: async () => undefined };
  const ports = { control, ...kms, clock, ids: countedIds(), pause, log: silentLog };
  const look = (signalledAt: string) =>
    assessKey(
      keySignalReceived.read({
        factId: `signal-${signalledAt}`,
        at: clock.now(),
        kmsKeyArn,
        signal: 'customer-event' satisfies KeySignalReceived['signal'],
        observed: 'DisableKey',
        signalledAt,
      }),
      ports,
    );
  return { control, kms, clock, look, incidents: () => ofKeys(control.all('incident')) };
}

test('the customer’s own act says when their data stores stop, and that their clause excludes the time; it pages all the same', async () => {
  const { kms, look, incidents } = world();
  kms.unwrapAnswers('kms.key-disabled');
  kms.keyStateIs('Disabled');

  await look(after(-2_000));

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
