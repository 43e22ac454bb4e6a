/** The small shapes that contracts are built from. Each refuses what it does not mean, with a reason a person can act on. */
import * as z from 'zod/mini';

/** A UTC instant with milliseconds, as `Date.prototype.toISOString` writes it: text order is time order. */
export const instant = z.iso.datetime({ precision: 3, error: 'must be a UTC instant with milliseconds' });

export const text = z.string().check(z.minLength(1, 'must not be empty'));

export const wholeNumber = z.int().check(z.nonnegative('must be zero or more'));

/** Twelve digits. */
export const accountId = z.string().check(z.regex(/^\d{12}$/, 'must be an AWS account id of 12 digits'));

/** The full ARN of a KMS key: never an alias, never a bare id. Any partition. */
export const kmsKeyArn = z
  .string()
  .check(z.regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/, 'must be the full ARN of a KMS key'));

/** 64 lower-case hex characters. Source: botocore kms BackingKeyIdType. */
export const keyMaterialId = z.string().check(z.regex(/^[a-f0-9]{64}$/, 'must be 64 lower-case hex characters'));

/** `at-risk`: works now, will stop at a known time or has lost a safeguard. `unknown`: we could not tell. */
export const availability = z.enum(['available', 'at-risk', 'unavailable', 'unknown']);
export type Availability = z.output<typeof availability>;

/** Whose act a loss is: the customer's, ours as the provider, or one that AWS does not tell apart. */
export const party = z.enum(['customer', 'provider', 'unknown']);
export type Party = z.output<typeof party>;

/**
 * How far the cause of a loss is known. `confirmed`: AWS says so. `likely`: it follows from what we read besides. `unknown`: AWS
 * does not tell, and nothing that we may read does.
 */
export const confidence = z.enum(['confirmed', 'likely', 'unknown']);
export type Confidence = z.output<typeof confidence>;

export const rotationStrategy = z.enum(['kms-automatic', 'kms-on-demand', 'replace', 'imported-material', 'customer']);
export type RotationStrategy = z.output<typeof rotationStrategy>;
