/**
 * What each key spec is for and made of, as one table. Sources: KMS developer guide (key spec reference) and the enums
 * of @aws-sdk/client-kms. SM2 (China only) and ML-DSA, ML-KEM (not in Node 20's crypto) are left out.
 */
import { createPrivateKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

export type KeyUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' | 'GENERATE_VERIFY_MAC' | 'KEY_AGREEMENT';

interface Symmetric {
  readonly family: 'symmetric' | 'hmac';
  readonly secretBytes: number;
}
interface Rsa {
  readonly family: 'rsa';
  readonly modulusBits: number;
}
interface EllipticCurve {
  readonly family: 'ec';
  /** OpenSSL's name of the curve. */
  readonly curve: string;
}
interface Edwards {
  readonly family: 'ed25519';
}
interface Purposes {
  readonly usages: readonly KeyUsage[];
  /** The algorithms of keys with usage SIGN_VERIFY, of keys with ENCRYPT_DECRYPT, and so on. */
  readonly algorithms: Readonly<Partial<Record<KeyUsage, readonly string[]>>>;
}

const rsa = (modulusBits: number) =>
  ({
    family: 'rsa',
    modulusBits,
    usages: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'],
    algorithms: {
      ENCRYPT_DECRYPT: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'],
      SIGN_VERIFY: [
        'RSASSA_PKCS1_V1_5_SHA_256',
        'RSASSA_PKCS1_V1_5_SHA_384',
        'RSASSA_PKCS1_V1_5_SHA_512',
        'RSASSA_PSS_SHA_256',
        'RSASSA_PSS_SHA_384',
        'RSASSA_PSS_SHA_512',
      ],
    },
  }) as const;

const nist = <Algorithm extends string>(curve: string, algorithm: Algorithm) =>
  ({
    family: 'ec',
    curve,
    usages: ['SIGN_VERIFY', 'KEY_AGREEMENT'],
    algorithms: { SIGN_VERIFY: [algorithm], KEY_AGREEMENT: ['ECDH'] },
  }) as const;

const hmac = <Algorithm extends string>(secretBytes: number, algorithm: Algorithm) =>
  ({
    family: 'hmac',
    secretBytes,
    usages: ['GENERATE_VERIFY_MAC'],
    algorithms: { GENERATE_VERIFY_MAC: [algorithm] },
  }) as const;

export const KEY_SPECS = {
  SYMMETRIC_DEFAULT: {
    family: 'symmetric',
    secretBytes: 32,
    usages: ['ENCRYPT_DECRYPT'],
    algorithms: { ENCRYPT_DECRYPT: ['SYMMETRIC_DEFAULT'] },
  },
  RSA_2048: rsa(2048),
  RSA_3072: rsa(3072),
  RSA_4096: rsa(4096),
  ECC_NIST_P256: nist('prime256v1', 'ECDSA_SHA_256'),
  ECC_NIST_P384: nist('secp384r1', 'ECDSA_SHA_384'),
  ECC_NIST_P521: nist('secp521r1', 'ECDSA_SHA_512'),
  ECC_SECG_P256K1: {
    family: 'ec',
    curve: 'secp256k1',
    usages: ['SIGN_VERIFY'],
    algorithms: { SIGN_VERIFY: ['ECDSA_SHA_256'] },
  },
  ECC_NIST_EDWARDS25519: {
    family: 'ed25519',
    usages: ['SIGN_VERIFY'],
    // AWS also lists ED25519_PH_SHA_512, which node:crypto cannot do.
    algorithms: { SIGN_VERIFY: ['ED25519_SHA_512'] },
  },
  HMAC_224: hmac(28, 'HMAC_SHA_224'),
  HMAC_256: hmac(32, 'HMAC_SHA_256'),
  HMAC_384: hmac(48, 'HMAC_SHA_384'),
  HMAC_512: hmac(64, 'HMAC_SHA_512'),
} as const satisfies Record<string, Purposes & (Symmetric | Rsa | EllipticCurve | Edwards)>;

export type KeySpec = keyof typeof KEY_SPECS;

type SpecFacts = Purposes & (Symmetric | Rsa | EllipticCurve | Edwards);

export function factsOf(spec: KeySpec): SpecFacts {
  return KEY_SPECS[spec];
}

/** The algorithms that a key of this spec and usage works with. */
export function algorithmsOf(spec: KeySpec, usage: KeyUsage): readonly string[] {
  return factsOf(spec).algorithms[usage] ?? [];
}

const generate = promisify(generateKeyPair);

/** New key material for a spec: random bytes, or a private key in PKCS #8 DER. RSA takes up to seconds: await it first. */
export async function newSecret(spec: KeySpec): Promise<Buffer> {
  const facts = factsOf(spec);
  if ('secretBytes' in facts) return randomBytes(facts.secretBytes);
  const { privateKey } = await newKeyPair(facts);
  return privateKey.export({ type: 'pkcs8', format: 'der' });
}

function newKeyPair(facts: Rsa | EllipticCurve | Edwards): Promise<{ privateKey: KeyObject }> {
  if (facts.family === 'rsa') return generate('rsa', { modulusLength: facts.modulusBits });
  if (facts.family === 'ec') return generate('ec', { namedCurve: facts.curve });
  return generate('ed25519');
}

/** Whether bytes that a customer imports can be the key material of a key of this spec. */
export function isSecretOf(spec: KeySpec, secret: Buffer): boolean {
  const facts = factsOf(spec);
  if ('secretBytes' in facts) return secret.length === facts.secretBytes;
  const key = privateKeyOf(secret);
  if (facts.family === 'rsa') return key?.asymmetricKeyDetails?.modulusLength === facts.modulusBits;
  if (facts.family === 'ec') return key?.asymmetricKeyDetails?.namedCurve === facts.curve;
  return key?.asymmetricKeyType === 'ed25519';
}

function privateKeyOf(pkcs8: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  } catch {
    return undefined;
  }
}
