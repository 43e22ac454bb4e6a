/** A working KMS in memory behind the four ports: real AES-256-GCM, key material that rotates, key states. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { type ErrorCode, KeywrightError } from '../../shared/domain/errors';
import type {
  Context,
  DataKeyCrypto,
  KeyAdministrator,
  KeyDescription,
  KeyGrant,
  KeyObserver,
  KeyProver,
} from '../../shared/domain/keys/ports';
import type { MaterialImporter } from '../../shared/domain/rotation/import-material';
import { anArn, OUR_ACCOUNT } from './make';

interface Material {
  readonly keyMaterialId: string;
  readonly bytes: Buffer;
  readonly rotatedAt?: string;
  readonly onDemand?: true;
}

interface Key {
  /** What is described of it besides its state and its material. */
  about: Partial<KeyDescription>;
  /** Imported, and not yet the current one. */
  waiting: boolean;
  readonly missing: Set<string>;
  keyState: 'Enabled' | 'Disabled' | 'PendingDeletion' | 'PendingImport';
  readonly materials: Material[];
  policy: string;
  readonly grants: KeyGrant[];
  automaticDays: number | undefined;
  onDemandPending: boolean;
  onDemandSpent: number;
  deletionDate: string | undefined;
  usedAt: string | undefined;
}

export interface MemoryKms extends DataKeyCrypto, KeyObserver, KeyProver, KeyAdministrator, MaterialImporter {
  /** A new key of that ARN. @returns its material. */
  given(kmsKeyArn: string): string;
  /** Puts a key into a state, as its owner may at any time. */
  become(kmsKeyArn: string, keyState: Key['keyState']): void;
  /** Imported material is deleted, or expires: without it the whole key serves nothing. */
  loseMaterial(kmsKeyArn: string, keyMaterialId: string): void;
  /** What KMS says of a key besides: a key of another kind. */
  describeAs(kmsKeyArn: string, about: Partial<KeyDescription>): void;
  grant(kmsKeyArn: string, grants: readonly KeyGrant[]): void;
  /** New material that waits for its rotation: an operator has imported it. */
  importMaterial(kmsKeyArn: string): void;
  aboutOf(kmsKeyArn: string): Partial<KeyDescription>;
  /** In how many days it rotates by itself; undefined when it does not. */
  automaticDaysOf(kmsKeyArn: string): number | undefined;
  /** As if a key had been rotated on demand so many times. @returns its material. */
  spend(kmsKeyArn: string, times: number): string;
  /** Somebody else turns automatic rotation off, or to another period. */
  setAutomatic(kmsKeyArn: string, periodDays: number | undefined): void;
  /** New material at once, as KMS does by itself, or a person. @returns it. */
  rotate(kmsKeyArn: string): string;
  /** Finishes every rotation that was asked for. @returns the keys that have new material now. */
  finishRotations(): readonly string[];
  stateOf(kmsKeyArn: string): Key['keyState'];
  /** How many of its 25 on-demand rotations a key has spent. */
  spent(kmsKeyArn: string): number;
  aliasOf(alias: string): string | undefined;
  arns(): readonly string[];
  /** From oldest to newest. */
  materialIds(kmsKeyArn: string): readonly string[];
  /** What a wrapped data key holds and what material opens it, whatever state its key is in; undefined when nothing opens it. */
  peek(
    kmsKeyArn: string,
    wrapped: Uint8Array,
    context: Context,
  ): { readonly plaintext: Uint8Array; readonly keyMaterialId: string } | undefined;
}

export interface MemoryKmsOptions {
  readonly now?: () => string;
  /** Whether this answer still shows the material before the last rotation: KMS is eventually consistent. */
  readonly lags?: () => boolean;
}

const ON_DEMAND_MAX = 25;
/** How long after a rotation an answer may still show what was before. */
const LAG_MS = 5 * 60_000;
/** As KMS makes it: the account decides. */
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OUR_ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
  ],
});

/** What a state answers to the use of the key. */
const STATE_ERROR = {
  Enabled: undefined,
  Disabled: 'kms.key-disabled',
  PendingDeletion: 'kms.key-pending-deletion',
  PendingImport: 'kms.key-pending-import',
} as const satisfies Record<Key['keyState'], ErrorCode | undefined>;

export function memoryKms(options: MemoryKmsOptions = {}): MemoryKms {
  const now = options.now ?? (() => '2026-11-24T12:00:00.000Z');
  const lags = options.lags ?? (() => false);
  const keys = new Map<string, Key>();
  const aliases = new Map<string, string>();
  let made = 0;

  const keyOf = (kmsKeyArn: string): Key => {
    const key = keys.get(kmsKeyArn);
    if (key) return key;
    throw new KeywrightError('kms.key-not-found', 'KMS has no such key.', { kmsKeyArn });
  };
  /** A key whose waiting period is over is gone for whoever asks KMS. */
  const present = (kmsKeyArn: string): Key => {
    const key = keyOf(kmsKeyArn);
    if (key.keyState !== 'PendingDeletion' || (key.deletionDate ?? now()) >= now()) return key;
    throw new KeywrightError('kms.key-not-found', 'KMS has deleted the key.', { kmsKeyArn });
  };
  const usable = (kmsKeyArn: string): Key => {
    const key = present(kmsKeyArn);
    const code = STATE_ERROR[key.keyState];
    if (code) throw new KeywrightError(code, `The key is ${key.keyState}.`, { kmsKeyArn });
    return key;
  };
  const current = ({ materials }: Key): Material => {
    const [before, newest] = [materials.at(-2), materials.at(-1)];
    if (!newest) throw new RangeError('a key has material');
    const isFresh = Date.parse(now()) - Date.parse(newest.rotatedAt ?? '') < LAG_MS;
    return before && isFresh && lags() ? before : newest;
  };
  // Material is derived, not drawn, so that a seed repeats a run to the byte.
  const addMaterial = (kmsKeyArn: string, key: Key, onDemand = false): string => {
    const bytes = createHash('sha256').update(`${kmsKeyArn} ${key.materials.length}`).digest();
    const keyMaterialId = createHash('sha256').update(bytes).digest('hex');
    const rotated = key.materials.length > 0 && { rotatedAt: now(), ...(onDemand && { onDemand: true as const }) };
    key.materials.push({ keyMaterialId, bytes, ...rotated });
    return keyMaterialId;
  };
  const given = (kmsKeyArn: string): string => {
    const key: Key = {
      about: {},
      waiting: false,
      missing: new Set(),
      keyState: 'Enabled',
      materials: [],
      policy: POLICY,
      grants: [],
      automaticDays: undefined,
      onDemandPending: false,
      onDemandSpent: 0,
      deletionDate: undefined,
      usedAt: undefined,
    };
    keys.set(kmsKeyArn, key);
    return addMaterial(kmsKeyArn, key);
  };
  const importMaterial = (kmsKeyArn: string): void => {
    keyOf(kmsKeyArn).waiting = true;
  };
  const wrap = (kmsKeyArn: string, plaintext: Uint8Array, context: Context) => {
    const key = usable(kmsKeyArn);
    const material = current(key);
    key.usedAt = now();
    return { wrapped: sealed(material, plaintext, context), kmsKeyArn, keyMaterialId: material.keyMaterialId };
  };
  const open = (key: Key, wrapped: Uint8Array, context: Context) =>
    key.materials.flatMap((material) => {
      const plaintext = opened(material, wrapped, context);
      return plaintext ? [{ plaintext, keyMaterialId: material.keyMaterialId }] : [];
    })[0];
  const unwrap = (kmsKeyArn: string, wrapped: Uint8Array, context: Context) => {
    const key = usable(kmsKeyArn);
    // As KMS does, to which a blob of nothing is no ciphertext.
    if (wrapped.length === 0)
      throw new KeywrightError('input.invalid', 'ciphertextBlob: must have a byte.', { kmsKeyArn });
    const found = open(key, wrapped, context);
    if (!found) throw new KeywrightError('kms.ciphertext-refused', 'Nothing opens the ciphertext.', { kmsKeyArn });
    key.usedAt = now();
    return { ...found, kmsKeyArn };
  };
  const describe = (kmsKeyArn: string): KeyDescription => {
    const key = present(kmsKeyArn);
    return {
      kmsKeyArn,
      keyState: key.keyState,
      keyUsage: 'ENCRYPT_DECRYPT',
      keySpec: 'SYMMETRIC_DEFAULT',
      origin: 'AWS_KMS',
      keyMaterialId: current(key).keyMaterialId,
      ...(key.deletionDate !== undefined && { deletionDate: key.deletionDate }),
      ...key.about,
    };
  };

  return {
    given,
    become: (kmsKeyArn, keyState) => {
      keyOf(kmsKeyArn).keyState = keyState;
    },
    loseMaterial: (kmsKeyArn, keyMaterialId) => {
      const key = keyOf(kmsKeyArn);
      key.keyState = 'PendingImport';
      key.missing.add(keyMaterialId);
    },
    describeAs: (kmsKeyArn, about) => {
      keyOf(kmsKeyArn).about = about;
    },
    grant: (kmsKeyArn, grants) => void keyOf(kmsKeyArn).grants.push(...grants),
    importMaterial,
    aboutOf: (kmsKeyArn) => keyOf(kmsKeyArn).about,
    automaticDaysOf: (kmsKeyArn) => keyOf(kmsKeyArn).automaticDays,
    spend: (kmsKeyArn, times) => {
      const key = keyOf(kmsKeyArn);
      key.onDemandSpent += times;
      for (let time = 0; time < times; time += 1) addMaterial(kmsKeyArn, key, true);
      return current(key).keyMaterialId;
    },
    setAutomatic: (kmsKeyArn, periodDays) => {
      keyOf(kmsKeyArn).automaticDays = periodDays;
    },
    rotate: (kmsKeyArn) => addMaterial(kmsKeyArn, keyOf(kmsKeyArn)),
    finishRotations: () =>
      [...keys].flatMap(([kmsKeyArn, key]) => {
        if (!key.onDemandPending || key.keyState !== 'Enabled') return [];
        key.onDemandPending = false;
        key.waiting = false;
        addMaterial(kmsKeyArn, key, true);
        return [kmsKeyArn];
      }),
    stateOf: (kmsKeyArn) => keyOf(kmsKeyArn).keyState,
    spent: (kmsKeyArn) => keyOf(kmsKeyArn).onDemandSpent,
    aliasOf: (alias) => aliases.get(alias),
    arns: () => [...keys.keys()],
    materialIds: (kmsKeyArn) => keyOf(kmsKeyArn).materials.map(({ keyMaterialId }) => keyMaterialId),
    peek: (kmsKeyArn, wrapped, context) => open(keyOf(kmsKeyArn), wrapped, context),

    generate: async ({ kmsKeyArn }, context) => {
      const plaintext = randomBytes(32);
      return { plaintext, ...wrap(kmsKeyArn, plaintext, context) };
    },
    generateWrapped: async ({ kmsKeyArn }, context) => wrap(kmsKeyArn, randomBytes(32), context),
    unwrap: async ({ kmsKeyArn }, wrapped, context) => unwrap(kmsKeyArn, wrapped, context),
    reencrypt: async (from, to, wrapped, context) =>
      wrap(to.kmsKeyArn, unwrap(from.kmsKeyArn, wrapped, context).plaintext, context),

    proveRole: async () => {},
    proveGenerate: async ({ kmsKeyArn }) => void usable(kmsKeyArn),
    proveReencrypt: async ({ kmsKeyArn }, wrapped, context) => {
      if (!open(usable(kmsKeyArn), wrapped, context))
        throw new KeywrightError('kms.ciphertext-refused', 'Nothing opens the ciphertext.', { kmsKeyArn });
    },

    describe: async ({ kmsKeyArn }) => describe(kmsKeyArn),
    rotationStatus: async ({ kmsKeyArn }) => {
      const { automaticDays: periodDays, onDemandPending: inProgress } = keyOf(kmsKeyArn);
      return { automatic: periodDays !== undefined, inProgress, ...(periodDays !== undefined && { periodDays }) };
    },
    materials: async ({ kmsKeyArn }) => {
      const { materials, missing } = keyOf(kmsKeyArn);
      return materials.map(({ bytes: _secret, ...material }) => ({
        ...material,
        ...(missing.has(material.keyMaterialId) && { isMissing: true }),
      }));
    },
    waitingMaterial: async ({ kmsKeyArn }) => {
      const { waiting, materials } = keyOf(kmsKeyArn);
      return waiting ? createHash('sha256').update(`${kmsKeyArn} waits ${materials.length}`).digest('hex') : undefined;
    },
    policy: async ({ kmsKeyArn }) => keyOf(kmsKeyArn).policy,
    grants: async ({ kmsKeyArn }) => [...keyOf(kmsKeyArn).grants],
    lastUse: async ({ kmsKeyArn }) => {
      const { usedAt } = keyOf(kmsKeyArn);
      return usedAt === undefined ? {} : { usedAt };
    },

    importNew: async ({ kmsKeyArn }) => importMaterial(kmsKeyArn),
    enableAutomaticRotation: async ({ kmsKeyArn }, periodDays) => {
      usable(kmsKeyArn).automaticDays = periodDays;
    },
    rotateOnDemand: async ({ kmsKeyArn }) => {
      const key = usable(kmsKeyArn);
      if (key.onDemandSpent >= ON_DEMAND_MAX) throw new KeywrightError('kms.limit-exceeded', 'All 25 are spent.');
      key.onDemandSpent += 1;
      key.onDemandPending = true;
    },
    createReplacement: async ({ kmsKeyArn }, token) => {
      const alias = `alias/keywright/replacement/${token}`;
      const before = aliases.get(alias);
      if (before !== undefined) return describe(before);
      const { policy } = keyOf(kmsKeyArn);
      made += 1;
      const created = anArn(`made-${made}`);
      given(created);
      keyOf(created).policy = policy;
      aliases.set(alias, created);
      return describe(created);
    },
    moveAlias: async (alias, { kmsKeyArn }) => {
      keyOf(kmsKeyArn);
      aliases.set(alias, kmsKeyArn);
    },
    disable: async ({ kmsKeyArn }) => {
      const key = present(kmsKeyArn);
      if (key.keyState === 'PendingDeletion')
        throw new KeywrightError('kms.key-pending-deletion', 'It is pending deletion.');
      key.keyState = 'Disabled';
    },
    enable: async ({ kmsKeyArn }) => {
      const key = present(kmsKeyArn);
      // As KMS does: a key that waits for its deletion is not enabled.
      if (key.keyState === 'PendingDeletion')
        throw new KeywrightError('kms.key-pending-deletion', 'It is pending deletion.');
      key.keyState = 'Enabled';
    },
    scheduleDeletion: async ({ kmsKeyArn }, waitingDays) => {
      const key = present(kmsKeyArn);
      key.keyState = 'PendingDeletion';
      key.deletionDate ??= new Date(Date.parse(now()) + waitingDays * 86_400_000).toISOString();
      return key.deletionDate;
    },
    setPolicy: async ({ kmsKeyArn }, document) => {
      present(kmsKeyArn).policy = document;
    },
    cancelDeletion: async ({ kmsKeyArn }) => {
      const key = present(kmsKeyArn);
      if (key.keyState === 'PendingDeletion') key.keyState = 'Disabled';
      key.deletionDate = undefined;
    },
  };
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

const boundTo = (context: Context): Buffer => Buffer.from(JSON.stringify(Object.entries(context).sort()));

function sealed(material: Material, plaintext: Uint8Array, context: Context): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', material.bytes, iv).setAAD(boundTo(context));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return new Uint8Array(Buffer.concat([iv, ciphertext, cipher.getAuthTag()]));
}

function opened(material: Material, wrapped: Uint8Array, context: Context): Uint8Array | undefined {
  if (wrapped.length < IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', material.bytes, wrapped.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  }).setAAD(boundTo(context));
  decipher.setAuthTag(wrapped.subarray(-TAG_BYTES));
  const plaintext = decipher.update(wrapped.subarray(IV_BYTES, -TAG_BYTES));
  try {
    decipher.final();
    return new Uint8Array(plaintext);
  } catch {
    return undefined;
  }
}
