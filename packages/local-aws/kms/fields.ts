/** The input fields that operations share. Lengths, patterns and ranges: botocore's service model of KMS. */
import * as z from 'zod/mini';

const text = (min: number, max: number) => z.string().check(z.minLength(min), z.maxLength(max));

/** Base64 text that stands for `min` to `max` bytes. Read as a Buffer. */
export const blob = (min: number, max: number) =>
  z
    .pipe(
      z.string(),
      z.transform((base64: string) => Buffer.from(base64, 'base64')),
    )
    .check(
      z.refine((bytes) => bytes.length >= min, `Member must have length greater than or equal to ${min}`),
      z.refine((bytes) => bytes.length <= max, `Member must have length less than or equal to ${max}`),
    );

export const keyId = text(1, 2048);
export const materialId = z.string().check(z.regex(/^[a-f0-9]+$/), z.minLength(64), z.maxLength(64));
export const aliasName = z.string().check(z.minLength(1), z.maxLength(256), z.regex(/^[a-zA-Z0-9:/_-]+$/));
export const description = text(0, 8192);
export const policy = text(1, 131_072);
export const policyName = text(1, 128);
export const principal = z.string().check(z.minLength(1), z.maxLength(256), z.regex(/^[\w+=,.@:/-]+$/));
export const grantId = text(1, 128);
export const grantToken = text(1, 8192);
export const grantTokens = z._default(z.array(grantToken).check(z.maxLength(10)), []);
export const limit = z.optional(z.int().check(z.minimum(1), z.maximum(1000)));
export const marker = z.optional(text(1, 1024));
export const page = { Limit: limit, Marker: marker };
export const flag = z.optional(z.boolean());
export const region = z.string().check(z.minLength(1), z.maxLength(32), z.regex(/^([a-z]+-){2,3}\d+$/));
/** Epoch seconds. */
export const instant = z.number();

/** A record of zod's would leave out a pair that is named `__proto__`. */
export const encryptionContext = z.optional(
  z.custom<Readonly<Record<string, string>>>().check(({ value, issues }) => {
    const refuse = (expected: 'record' | 'string', input: unknown, ...path: string[]) =>
      issues.push({ code: 'invalid_type', expected, input, path });
    if (typeof value !== 'object' || Array.isArray(value)) return void refuse('record', value);
    for (const [name, text] of Object.entries(value)) if (typeof text !== 'string') refuse('string', text, name);
  }),
);

export const tags = z.array(z.object({ TagKey: text(1, 128), TagValue: text(0, 256) }));

/** The operations that a grant may allow. Source: `GrantOperation` of @aws-sdk/client-kms. */
export const grantOperation = z.enum([
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
  'Sign',
  'Verify',
  'GetPublicKey',
  'CreateGrant',
  'RetireGrant',
  'DescribeKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateMac',
  'VerifyMac',
  'DeriveSharedSecret',
]);

export const encryptionAlgorithm = z._default(
  z.enum(['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE']),
  'SYMMETRIC_DEFAULT',
);

/** AWS lists the values in this order. Source: recorded ValidationException. */
export const macAlgorithm = z.enum(['HMAC_SHA_384', 'HMAC_SHA_256', 'HMAC_SHA_224', 'HMAC_SHA_512']);

export const signingAlgorithm = z.enum([
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'ECDSA_SHA_256',
  'ECDSA_SHA_384',
  'ECDSA_SHA_512',
  'ED25519_SHA_512',
]);
export type SigningAlgorithm = z.output<typeof signingAlgorithm>;

export const messageType = z._default(z.enum(['RAW', 'DIGEST']), 'RAW');

/** `IGNORE_CIPHERTEXT` lets a dry run do without the ciphertext. */
export const dryRunModifiers = z._default(z.array(z.enum(['IGNORE_CIPHERTEXT'])), []);
