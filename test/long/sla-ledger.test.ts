/** What was promised, what a loss takes of it, and a statement that anybody verifies: the packaged product, as people use it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DisableKeyCommand, EnableKeyCommand, GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { verifierKey } from '../../shared/domain/audit/log/signed-note';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';

const MINUTE_MS = 60_000;

let product: DeployedProduct;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sla-'));
  product = await deployedProduct();
});
afterAll(async () => {
  await product.stop();
  rmSync(folder, { recursive: true });
});

async function ends(exitCode: number, args: string, as?: ReturnType<DeployedProduct['person']>) {
  const ended = await product.keywright([...args.split(' '), '--json'], as);
  expect({ args, exitCode: ended.exitCode, err: ended.err }).toEqual({ args, exitCode, err: '' });
  return JSON.parse(ended.out);
}

/** In the form of signed notes: the last 32 bytes of what KMS gives. */
async function publicKey(): Promise<string> {
  const answer = await product.kms.send(
    new GetPublicKeyCommand({ KeyId: product.outputs['AuditSigningKeyArn'] ?? '' }),
  );
  return verifierKey('keywright/audit/globex', (answer.PublicKey ?? new Uint8Array()).slice(-32));
}

test('a loss burns what was promised from when data stores stop, and ends up in a statement that holds', async () => {
  const ada = product.person('ada');
  const kmsKeyArn = await product.customer('globex', 3);
  await product.aws.idle();
  expect(await ends(0, 'sla globex', ada)).toMatchObject({ isDefault: true, burntMs: 0 });
  await ends(0, 'sla set globex --target 99.95 --exclude customer-key --notice 15m', ada);
  const from = new Date(product.aws.clock.now() - 86_400_000).toISOString();

  await product.kms.send(new DisableKeyCommand({ KeyId: kmsKeyArn }));
  await product.aws.idle();
  const [{ incidentId }] = (await ends(0, 'incidents', ada)).incidents;
  expect(await ends(0, `explain ${incidentId}`, ada)).toMatchObject({
    severity: 'critical',
    contract: expect.stringMatching(/^globex: 99\.95 % of 30 days, 21 min 36 s of budget left, used up at /),
    whoseTime: 'burnt: no clause excludes it',
  });
  const interval = () => product.control.find('sla-interval', `${incidentId}/globex`);
  expect(await interval()).toMatchObject({
    party: 'provider',
    pagedAt: expect.any(String),
    stoppedAt: expect.any(String),
  });

  product.aws.clock.advance(15 * MINUTE_MS);
  await product.aws.idle();
  const during = await ends(0, 'sla globex', ada);
  expect(during.burntMs).toBeGreaterThan(9 * MINUTE_MS);

  await product.kms.send(new EnableKeyCommand({ KeyId: kmsKeyArn }));
  await product.aws.idle();
  expect(await interval()).toMatchObject({ servingAt: expect.any(String) });

  const to = new Date(product.aws.clock.now()).toISOString();
  const file = join(folder, 'globex.sla');
  const period = `sla export globex --from ${from} --to ${to} --out ${file}`;
  expect((await product.keywright(period.split(' '), ada)).exitCode).toBe(2);
  const { intervals } = await ends(0, period, product.person('carol', 'contracts'));
  expect(intervals).toBe(1);
  expect((await product.keywright('status'.split(' '), product.person('carol', 'contracts'))).exitCode).toBe(2);

  const verified = await ends(0, `sla verify ${file} --public-key ${await publicKey()} --customer globex`);
  expect(verified).toMatchObject({
    ok: true,
    faults: [],
    statement: { intervals: [{ incidentId, cause: 'key-disabled' }] },
  });
  expect(verified.statement.burntMs).toBeGreaterThan(9 * MINUTE_MS);
  expect(readFileSync(file, 'utf8')).toMatch(/^keywright\/sla\n/);
}, 180_000);
