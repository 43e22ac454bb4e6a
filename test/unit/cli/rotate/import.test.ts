/** Importing material from a file: where its bytes go, and where they never are. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Api } from '../../../../cli/operate/api';
import { ApiRefusal } from '../../../../cli/operate/api-refusal';
import { importAndRotate } from '../../../../cli/rotate/import-material';
import { withMaterial } from '../../../../cli/rotate/material';
import { OPERATIONS } from '../../../../shared/domain/api/catalogue';
import { KeywrightError } from '../../../../shared/domain/errors';
import type { MaterialImporter } from '../../../../shared/domain/rotation/import-material';
import { anArn } from '../../../support/make';
import { memoryAliases } from '../../../support/memory-aliases';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'material-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function fileWith(bytes: Uint8Array): string {
  const file = join(folder, 'new.bin');
  writeFileSync(file, bytes);
  return file;
}

/** The API itself, without the wire, and what it was asked. */
function apiOf(world: RotationWorld) {
  const asked: string[] = [];
  const api: Api = {
    async call<Result>(name: string, input: object) {
      asked.push(`${name} ${JSON.stringify(input)}`);
      const operation = OPERATIONS.find((one) => one.name === name);
      if (!operation) throw new Error(`There is no operation ${name}.`);
      const ports = { ...world.ports, aliases: memoryAliases() };
      const answer = operation.run(input, { principal: 'arn:aws:iam::111122223333:user/ann' }, ports);
      return answer.catch((error: KeywrightError) => {
        throw new ApiRefusal(error.code, error.message);
      }) as Promise<Result>;
    },
  };
  return { api, asked };
}

function scene() {
  const world = rotationWorld();
  world.givenKey({}, { strategy: 'imported-material' });
  world.kms.describeAs(anArn(), { origin: 'EXTERNAL' });
  /** What KMS got: a copy of each, and the memory that it was given in. */
  const got: { bytes: Buffer; memory: Uint8Array }[] = [];
  const importer: MaterialImporter = {
    async importNew(key, memory) {
      got.push({ bytes: Buffer.from(memory), memory });
      await world.kms.importNew(key, memory);
    },
  };
  const { api, asked } = apiOf(world);
  const ports = { observer: world.kms, importer, clock: world.clock };
  const run = (file: string, more = {}) => importAndRotate({ key: 'acme', file, dryRun: false, ...more }, api, ports);
  return { world, got, asked, run, ports };
}

const isWiped = (memory: Uint8Array) => memory.every((byte) => byte === 0);

test('the material goes to KMS and nowhere else, the rotation to it begins, and memory is wiped', async () => {
  const material = randomBytes(32);
  const { world, got, asked, run } = scene();

  const answer = await run(fileWith(material));

  expect(answer).toMatchObject({ kmsKeyArn: anArn(), material: 'imported' });
  expect(world.control.all('rotation')).toMatchObject([{ strategy: 'imported-material', startedBy: 'person' }]);
  expect(got.map(({ bytes }) => bytes.equals(material))).toEqual([true]);
  expect(got.every(({ memory }) => isWiped(memory))).toBe(true);
  for (const form of ['hex', 'base64', 'latin1'] as const) {
    expect(`${asked} ${JSON.stringify(answer)}`).not.toContain(material.toString(form));
  }
});

test('asked for again it imports nothing more, and asks for the same rotation', async () => {
  const { world, got, run } = scene();
  const first = await run(fileWith(randomBytes(32)));
  const second = await run(fileWith(randomBytes(32)));

  expect([first.material, second.material]).toEqual(['imported', 'already-waiting']);
  expect(got).toHaveLength(1);
  expect(world.control.all('rotation')).toHaveLength(1);
});

test('a dry run touches neither KMS nor the rotation', async () => {
  const { world, got, run } = scene();

  expect(await run(fileWith(randomBytes(32)), { dryRun: true })).toMatchObject({
    material: 'would-import',
    rotation: { would: 'begin', strategy: 'imported-material' },
  });
  expect([got, world.facts(), world.control.all('rotation')]).toEqual([[], [], []]);
});

test.each<[string, Uint8Array | undefined, RegExp]>([
  ['too few bytes', randomBytes(31), /has 31 bytes/],
  ['too many bytes', randomBytes(4096), /has more than 32 bytes/],
  ['text', Buffer.from(randomBytes(32).toString('hex')), /Give the raw bytes, not text/],
  ['nothing in it', new Uint8Array(), /has 0 bytes/],
  ['no file', undefined, /no such file/],
])(
  'a file with %s is refused before KMS is asked, naming the option and never its bytes',
  async (_, bytes, message) => {
    const { got, run, world } = scene();
    const file = bytes ? fileWith(bytes) : join(folder, 'missing');

    const refused = run(file);

    await expect(refused).rejects.toMatchObject({ field: 'import', message: expect.stringMatching(message) });
    if (bytes?.length) await expect(refused).rejects.not.toThrow(Buffer.from(bytes).toString('utf8'));
    expect([got, world.facts()]).toEqual([[], []]);
  },
);

test('a key whose material KMS made is refused with the way out, and memory is wiped all the same', async () => {
  const { world, got, run } = scene();
  world.kms.describeAs(anArn(), { origin: 'AWS_KMS' });

  await expect(run(fileWith(randomBytes(32)))).rejects.toThrow(/^kmsKeyArn: .*kms-on-demand/);

  expect([got, world.facts()]).toEqual([[], []]);
});

test.each([
  ['is replaced', { state: 'retiring', replacedBy: anArn('new') } as const, /is retiring and is not rotated/],
  ['is not known', { customerId: 'globex' }, /no customer acme/],
])('a key that %s is refused by the API before KMS has anything', async (_, fields, message) => {
  const { world, got, run } = scene();
  const [key] = world.control.all('kms-key');
  if (key) world.control.given('kms-key', { ...key, ...fields });
  world.control.given(
    'data-store',
    ...world.control.all('data-store').map((row) => ({ ...row, kmsKeyArn: anArn('x') })),
  );

  await expect(run(fileWith(randomBytes(32)))).rejects.toThrow(message);

  expect(got).toEqual([]);
});

test('while a rotation of another kind is open nothing is imported', async () => {
  const { world, got, run } = scene();
  await apiOf(world).api.call('request-rotation', { key: 'acme', strategy: 'replace' });

  await expect(run(fileWith(randomBytes(32)))).rejects.toThrow(/^key: a rotation by replace is open/);

  expect(got).toEqual([]);
});

test('when KMS has the material and the rotation cannot be asked for, the person hears both', async () => {
  const { ports, got, world } = scene();
  const { api } = apiOf(world);
  let calls = 0;
  const failing: Api = {
    call: (name, input) => {
      calls += 1;
      return calls === 3 ? Promise.reject(new ApiRefusal('store.unreachable', 'Later.')) : api.call(name, input);
    },
  };
  const request = { key: 'acme', file: fileWith(randomBytes(32)), dryRun: false };

  await expect(importAndRotate(request, failing, ports)).rejects.toThrow(/^Later\. KMS has the material.*Repeat/);
  const again = await importAndRotate(request, api, ports);

  expect(again).toMatchObject({ material: 'already-waiting', rotation: { strategy: 'imported-material' } });
  expect(got).toHaveLength(1);
});

test('whatever becomes of it, the memory that was lent out is wiped', async () => {
  let lent: Uint8Array | undefined;
  const failing = withMaterial(fileWith(randomBytes(32)), async (material) => {
    lent = material;
    throw new KeywrightError('kms.access-denied', 'No.');
  });

  await expect(failing).rejects.toThrow('No.');
  expect(lent && lent.length === 32 && isWiped(lent)).toBe(true);
});
