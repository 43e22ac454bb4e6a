/** A key goes away, and people ask the packaged product about it: from the command line through the signed API and back. */
import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';

let product: DeployedProduct;
beforeAll(async () => {
  product = await deployedProduct();
});
afterAll(() => product.stop());

/** Runs a command that must end so, and gives what it prints as JSON. */
async function ends(exitCode: number, args: string, as?: ReturnType<DeployedProduct['person']>) {
  const ended = await product.keywright([...args.split(' '), '--json'], as);
  expect({ args, exitCode: ended.exitCode, err: ended.err }).toEqual({ args, exitCode, err: '' });
  return JSON.parse(ended.out);
}

test('a key that is away is seen, explained and acknowledged by whoever operates, and nothing is begun that needs it', async () => {
  const kmsKeyArn = await product.customer('globex', 3);
  await product.customer('hooli', 1);
  await product.aws.idle();
  const [ada, bob] = [product.person('ada'), product.person('bob')];
  expect(await ends(0, 'status', ada)).toMatchObject({ healthy: true, keys: [] });
  expect(await ends(0, 'keys globex', ada)).toMatchObject({ keys: [{ availability: 'available' }] });
  expect(await ends(0, 'impact globex', ada)).toMatchObject({ dataStoreCount: 1, dataKeys: { count: 3, more: false } });

  await product.kms.send(new DisableKeyCommand({ KeyId: kmsKeyArn }));
  await product.aws.idle();

  const [{ incidentId, ...listed }] = (await ends(0, 'incidents', ada)).incidents;
  expect(listed).toMatchObject({ kmsKeyArn, state: 'open', cause: 'key-disabled', severity: 'critical' });
  expect(await ends(1, 'status', ada)).toMatchObject({
    healthy: false,
    openIncidents: { count: 1, critical: 1 },
    keys: [{ kmsKeyArn, availability: 'unavailable', incidentId }],
  });
  expect(await ends(0, 'keys globex', ada)).toMatchObject({
    keys: [{ state: 'active', availability: 'unavailable', cause: 'key-disabled', incidentId }],
  });
  expect(await ends(0, 'keys hooli', ada)).toMatchObject({ keys: [{ availability: 'available' }] });
  expect(await ends(0, `explain ${incidentId}`, ada)).toMatchObject({
    dataStores: [{ customerId: 'globex', dataStoreId: 'documents', kind: 'application' }],
  });

  for (const refused of [
    'rotate globex',
    'rotate globex --dry-run',
    'reencrypt start globex',
    'reencrypt start globex --dry-run',
  ]) {
    const { error } = await ends(2, refused, ada);
    expect(error).toMatchObject({ code: 'state.forbids', message: expect.stringContaining(incidentId) });
  }

  for (let time = 0; time < 2; time += 1) await ends(0, `ack ${incidentId} --note calling`, ada);
  const { error } = await ends(2, `ack ${incidentId} --note me-too`, bob);
  expect(error.message).toMatch(/assumed-role\/operator\/ada has it in hand/);
  expect((await product.keywright(['incidents'], product.person('eve', 'stranger'))).exitCode).toBe(2);

  await product.kms.send(new EnableKeyCommand({ KeyId: kmsKeyArn }));
  await product.aws.idle();
  expect(await ends(0, 'keys globex', ada)).toMatchObject({ keys: [{ availability: 'available' }] });
  // It was short: that it is over is told once the key has stayed.
  product.aws.clock.advance(60_000);
  await product.aws.idle();

  const { incident, timeline } = await ends(0, `incident ${incidentId}`, ada);
  expect(incident).toMatchObject({ state: 'closed', acknowledged: { note: 'calling' } });
  const happened = timeline.map(({ what }: { what: string }) => what);
  // Who is first, on-call or the customer, is chance: two functions tell them.
  expect(happened).toContain('customers-told');
  expect(happened.filter((what: string) => what !== 'customers-told')).toEqual([
    'acted',
    'signalled',
    'detected',
    'paged',
    'acknowledged',
    'recovered',
    'recovery-paged',
  ]);
  expect(await ends(0, 'status', ada)).toMatchObject({ healthy: true });
  expect((await ends(0, 'incidents', ada)).incidents).toEqual([]);
  expect((await ends(0, 'incidents --customer globex --all', ada)).incidents).toMatchObject([{ incidentId }]);
  expect(await ends(0, 'rotate globex', ada)).toMatchObject({ state: 'requested' });
}, 120_000);
