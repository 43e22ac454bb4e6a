/**
 * ECDSA over a digest, which node:crypto does not offer: it insists on hashing the message itself.
 *
 * Only scalars are computed here. Points come from OpenSSL: the public point of a scalar `k` is `k * G`, so ECDH key
 * objects do all curve arithmetic, and with the private key `d` at hand a signature is checked by the one point
 * `(u1 + u2 * d) * G`. Not hardened against timing: this KMS guards test keys on a developer's machine.
 * Source: FIPS 186-5, 6.4.
 */
import { createECDH, type KeyObject, randomBytes } from 'node:crypto';

interface Curve {
  readonly name: string;
  /** Order of the base point. Sources: NIST SP 800-186, 3.2.1; SEC 2, 2.4.1 (secp256k1). */
  readonly order: bigint;
  readonly bytes: number;
}

const CURVES: Readonly<Record<string, Curve>> = {
  prime256v1: {
    name: 'prime256v1',
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    bytes: 32,
  },
  secp256k1: {
    name: 'secp256k1',
    order: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
    bytes: 32,
  },
  secp384r1: {
    name: 'secp384r1',
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    bytes: 48,
  },
  secp521r1: {
    name: 'secp521r1',
    order:
      0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    bytes: 66,
  },
};

/** @returns the signature in DER, as KMS returns it. */
export function signDigest(privateKey: KeyObject, digest: Buffer): Buffer {
  const { curve, d } = scalarOf(privateKey);
  const z = leftmostBits(digest, curve);
  for (;;) {
    const k = randomScalar(curve);
    const r = mod(xOfMultiple(curve, k), curve.order);
    const s = mod(inverse(k, curve.order) * (z + r * d), curve.order);
    if (r !== 0n && s !== 0n) return der(r, s);
  }
}

export function verifyDigest(privateKey: KeyObject, digest: Buffer, signature: Buffer): boolean {
  const { curve, d } = scalarOf(privateKey);
  const [r, s] = readDer(signature) ?? [0n, 0n];
  if (r <= 0n || s <= 0n || r >= curve.order || s >= curve.order) return false;
  const w = inverse(s, curve.order);
  const scalar = mod(leftmostBits(digest, curve) * w + r * w * d, curve.order);
  return scalar !== 0n && mod(xOfMultiple(curve, scalar), curve.order) === r;
}

function scalarOf(privateKey: KeyObject): { curve: Curve; d: bigint } {
  const curve = CURVES[privateKey.asymmetricKeyDetails?.namedCurve ?? ''];
  const { d } = privateKey.export({ format: 'jwk' });
  if (!curve || d === undefined) throw new TypeError('ECDSA needs a private key on a curve that KMS has.');
  return { curve, d: toNumber(Buffer.from(d, 'base64url')) };
}

/** The affine x of `scalar * G`. */
function xOfMultiple(curve: Curve, scalar: bigint): bigint {
  const ecdh = createECDH(curve.name);
  ecdh.setPrivateKey(toBytes(scalar, curve.bytes));
  return toNumber(ecdh.getPublicKey().subarray(1, 1 + curve.bytes));
}

/** Uniform from 1 to n - 1, by trying again. */
function randomScalar(curve: Curve): bigint {
  const bits = BigInt(curve.order.toString(2).length);
  for (;;) {
    const candidate = BigInt.asUintN(Number(bits), toNumber(randomBytes(curve.bytes)));
    if (candidate > 0n && candidate < curve.order) return candidate;
  }
}

function leftmostBits(digest: Buffer, curve: Curve): bigint {
  const excess = digest.length * 8 - curve.order.toString(2).length;
  return excess > 0 ? toNumber(digest) >> BigInt(excess) : toNumber(digest);
}

const mod = (value: bigint, order: bigint) => ((value % order) + order) % order;

/** By the extended Euclidean algorithm. */
function inverse(value: bigint, order: bigint): bigint {
  let [a, b] = [mod(value, order), order];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return mod(x, order);
}

const toNumber = (bytes: Uint8Array) => BigInt(`0x0${Buffer.from(bytes).toString('hex')}`);
const toBytes = (value: bigint, length: number) => Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex');

/** SEQUENCE of two INTEGERs. Source: RFC 3279, 2.2.3. */
function der(r: bigint, s: bigint): Buffer {
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  const length = body.length < 0x80 ? [body.length] : [0x81, body.length];
  return Buffer.concat([Buffer.from([0x30, ...length]), body]);
}

function derInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  const positive = (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.from([0]), bytes]);
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
}

/** @returns r and s, or undefined for bytes that are not exactly such a SEQUENCE. */
function readDer(signature: Buffer): readonly [bigint, bigint] | undefined {
  const start = signature[1] === 0x81 ? 3 : 2;
  const rEnd = start + 2 + (signature[start + 1] ?? 0);
  const r = toNumber(signature.subarray(start + 2, rEnd));
  const s = toNumber(signature.subarray(rEnd + 2));
  return der(r, s).equals(signature) ? [r, s] : undefined;
}
