/** Local AWS killed in the middle of its work: what it had acknowledged is there, and goes on, at the next start. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { buildSync } from 'esbuild';
import { seededRandom } from 'local-aws/seeded-random';
import { ACCOUNT, localAws } from 'local-aws/test/support/local-aws';
import { ordersStack } from '../support/orders-stack';

const KILLS = 3;
/** From the first acknowledged order to the kill: somewhere in here, anew at each kill. */
const LIFE_MS_MAX = 250;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const root = join(__dirname, '../..');
const script = join(root, '.build/test/orders-process.mjs');
const random = seededRandom(SEED);
const folder = mkdtempSync(join(tmpdir(), 'local-aws-killed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** @returns the ids of the orders that it acknowledged before it was killed. */
function killedInTheMiddle(round: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [script, folder, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  let printed = '';
  child.stdout.setEncoding('utf8').once('data', () => {
    setTimeout(() => child.kill('SIGKILL'), random() * LIFE_MS_MAX);
  });
  child.stdout.on('data', (text: string) => {
    printed += text;
  });
  return new Promise((resolve) => {
    child.once('close', () => resolve(printed.split('\n').slice(0, -1)));
  });
}

test(`${KILLS} kills at any moment lose no order that was acknowledged (seed ${SEED})`, async () => {
  mkdirSync(join(root, '.build/test'), { recursive: true });
  buildSync({
    absWorkingDir: root,
    // Our own packages are sources, too.
    alias: { 'local-aws': './packages/local-aws', 'safe-files': './packages/safe-files' },
    entryPoints: ['test/support/orders-process.ts'],
    outfile: script,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    define: { __dirname: JSON.stringify(__dirname) },
  });

  const acknowledged: string[] = [];
  for (let round = 0; round < KILLS; round += 1) acknowledged.push(...(await killedInTheMiddle(round)));

  const { aws, client } = await localAws({ folder, retrySeconds: 0 });
  const tables = new DynamoDBClient(client);
  try {
    const { outputs } = await aws.deploy(ordersStack({ tries: 20 }), { accountId: ACCOUNT, stackName: 'shop' });
    await aws.idle();
    const stored = new Set<string | undefined>();
    for await (const { Items = [] } of paginateScan({ client: tables }, { TableName: outputs['Table'] }))
      for (const { pk } of Items) stored.add(pk?.S);

    expect(acknowledged.length).toBeGreaterThanOrEqual(10 * KILLS);
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  } finally {
    tables.destroy();
    await aws.stop();
  }
}, 120_000);
