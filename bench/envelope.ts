/**
 * What protecting data costs under a warm data key, in units of bare AES-256-GCM of node:crypto over the same bytes, and
 * beside the AWS Encryption SDK with its cache. `node bench/run-bundled.mjs envelope`
 *
 * The AWS Encryption SDK is measured with the algorithm suite nearest to ours: AES-256-GCM with key commitment, unsigned.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import {
  buildClient,
  CommitmentPolicy,
  getLocalCryptographicMaterialsCache,
  NodeCachingMaterialsManager,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node';
import { createEnvelope } from 'keywright-envelope/envelope';
import type { KmsKey } from '../shared/domain/keys/kms-key';
import { kmsKeyArn } from './synthetic-records';

const SIZES = [64, 1024, 16 * 1024, 1024 * 1024];
const ROUNDS = 31;
/** Each round of each size does about as much work. */
const BYTES_A_ROUND = 1024 * 1024;
const CALLS_A_ROUND_MAX = 500;
/** At 1 KiB, encrypting and decrypting. */
const LIMIT = 2.0;
const LIMITED_BYTES = 1024;

const [IV_BYTES, TAG_BYTES] = [12, 16];

const PLACE = { customerId: 'acme', dataStoreId: 'documents' };
const KEY = { kmsKeyArn: kmsKeyArn(0), keyMaterialId: 'material', revision: 1 };

interface Way {
  readonly encrypt: (plaintext: Buffer) => Promise<Uint8Array>;
  readonly decrypt: (container: Uint8Array) => Promise<Uint8Array>;
}

function bare(): Way {
  const key = createSecretKey(randomBytes(32));
  return {
    async encrypt(plaintext) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const encrypted = cipher.update(plaintext);
      cipher.final();
      return Buffer.concat([iv, encrypted, cipher.getAuthTag()]);
    },
    async decrypt(container) {
      const decipher = createDecipheriv('aes-256-gcm', key, container.subarray(0, IV_BYTES));
      decipher.setAuthTag(container.subarray(-TAG_BYTES));
      const decrypted = decipher.update(container.subarray(IV_BYTES, -TAG_BYTES));
      decipher.final();
      return decrypted;
    },
  };
}

/** With its one data key in the window all the while: what it is made by is asked once. */
function keywright(): Way {
  const kmsKey: KmsKey = { ...KEY, option: 'managed', access: { via: 'key-policy' }, state: 'active' };
  const dataStore = { ...PLACE, ...KEY, kind: 'application', capabilities: [] };
  const rows = { 'kms-key': kmsKey, 'data-store': dataStore };
  const envelope = createEnvelope(
    {
      control: { find: async (entityType) => rows[entityType as keyof typeof rows] as never },
      dataKeys: {
        find: async () => undefined,
        newest: async () => undefined,
        create: async (dataKey) => ({ ...dataKey, revision: 1 }),
      },
      crypto: {
        generate: async () => ({ ...KEY, plaintext: randomBytes(32), wrapped: randomBytes(184) }),
        unwrap: () => Promise.reject(new Error('the data key is warm')),
      },
      ids: { next: () => '0'.repeat(32) },
      nowMs: Date.now,
    },
    { windowMs: 3_600_000 },
  );
  return {
    encrypt: (plaintext) => envelope.encrypt(PLACE, plaintext),
    decrypt: (container) => envelope.decrypt(PLACE, container),
  };
}

function awsEncryptionSdk(): Way {
  const client = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const backingMaterials = new RawAesKeyringNode({
    keyName: 'bench',
    keyNamespace: 'keywright',
    unencryptedMasterKey: new Uint8Array(randomBytes(32)),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
  const cached = new NodeCachingMaterialsManager({
    backingMaterials,
    cache: getLocalCryptographicMaterialsCache(100),
    maxAge: 3_600_000,
  });
  const encryptionContext = { customerId: PLACE.customerId, dataStoreId: PLACE.dataStoreId };
  // 0x0478: AES-256-GCM, HKDF-SHA-512, key commitment, no signature. Source: AWS Encryption SDK algorithms reference.
  const suiteId = 0x0478;
  return {
    encrypt: async (plaintext) =>
      (await client.encrypt(cached, plaintext, { encryptionContext, suiteId, plaintextLength: plaintext.length }))
        .result,
    decrypt: async (container) => (await client.decrypt(cached, Buffer.from(container))).plaintext,
  };
}

/** Time of this process's own, all its threads: what else the machine does is not in it. */
async function nanosecondsEach(calls: number, call: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  for (let done = 0; done < calls; done += 1) await call();
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1000) / calls;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

type Name = 'bare' | 'keywright' | 'awsEncryptionSdk';

/** Rounds of the ways alternate, so that what else the machine does meets all of them alike. */
async function mediansAt(size: number, ways: Readonly<Record<Name, Way>>) {
  const calls = Math.max(4, Math.min(CALLS_A_ROUND_MAX, Math.round(BYTES_A_ROUND / size)));
  const plaintext = randomBytes(size);
  const names = Object.keys(ways) as Name[];
  const times = new Map<string, number[]>(
    names.flatMap((name) => [
      [`${name} encrypt`, []],
      [`${name} decrypt`, []],
    ]),
  );
  const containers = new Map<Name, Uint8Array>();
  for (const name of names) containers.set(name, await ways[name].encrypt(plaintext));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of names) {
      // The other SDK is a hundred times slower: it gets fewer calls.
      const calling = name === 'awsEncryptionSdk' ? Math.ceil(calls / 20) : calls;
      const container = containers.get(name) ?? new Uint8Array();
      times.get(`${name} encrypt`)?.push(await nanosecondsEach(calling, () => ways[name].encrypt(plaintext)));
      times.get(`${name} decrypt`)?.push(await nanosecondsEach(calling, () => ways[name].decrypt(container)));
    }
  }
  const of = (name: Name, verb: string) => median(times.get(`${name} ${verb}`) ?? []);
  const ratios = (verb: 'encrypt' | 'decrypt') => ({
    bareNs: Math.round(of('bare', verb)),
    keywrightNs: Math.round(of('keywright', verb)),
    ratio: rounded(of('keywright', verb) / of('bare', verb)),
    timesFasterThanAwsEncryptionSdk: rounded(of('awsEncryptionSdk', verb) / of('keywright', verb)),
  });
  return { bytes: size, encrypt: ratios('encrypt'), decrypt: ratios('decrypt') };
}

const rounded = (ratio: number) => Number(ratio.toFixed(2));

export async function run(): Promise<void> {
  const ways = { bare: bare(), keywright: keywright(), awsEncryptionSdk: awsEncryptionSdk() };
  const sizes = [];
  for (const size of SIZES) sizes.push(await mediansAt(size, ways));
  console.log(JSON.stringify({ bench: 'envelope', sizes, limit: LIMIT, limitedBytes: LIMITED_BYTES }));
  for (const { bytes, encrypt, decrypt } of sizes) {
    console.log(
      `envelope, ${bytes} bytes: encrypt ${encrypt.ratio} and decrypt ${decrypt.ratio} times bare AES-256-GCM` +
        `${bytes === LIMITED_BYTES ? ` (limit ${LIMIT})` : ''}; the AWS Encryption SDK takes ` +
        `${encrypt.timesFasterThanAwsEncryptionSdk} and ${decrypt.timesFasterThanAwsEncryptionSdk} times as long.`,
    );
  }
}
