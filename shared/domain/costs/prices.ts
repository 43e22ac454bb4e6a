/**
 * What AWS charges, us-east-1, on demand, without free tiers: a free tier is an account's, and no customer's. Whoever pays other prices
 * (another Region, a contract) changes this table alone; a share names the edition it was made with.
 */

/** Of the whole table: changes with any price in it. */
export const PRICE_EDITION = '2026-11';

export interface Price {
  /** Millionths of a US dollar for so many units. */
  readonly microUsd: number;
  readonly per: number;
  readonly unit: string;
  /** AWS’s own page of it. */
  readonly source: string;
  /** When it was looked up. */
  readonly on: string;
  /** The page that the figure was read on. Absent: none confirmed it, and it is to be checked before it is billed. */
  readonly confirmedBy?: string;
}

const KMS = 'https://aws.amazon.com/kms/pricing/';
const ROTATION = 'https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html';
const S3 = 'https://aws.amazon.com/s3/pricing/';
const KMS_READ = 'https://cloudburn.io/blog/aws-kms-pricing';
const S3_READ = 'https://devnotes.tech/understanding-aws-s3-pricing-a-complete-cost-breakdown-with-examples';

const price = (microUsd: number, per: number, unit: string, source: string, confirmedBy?: string): Price => ({
  microUsd,
  per,
  unit,
  source,
  on: '2026-11-30',
  ...(confirmedBy !== undefined && { confirmedBy }),
});

export const PRICES = {
  /** Prorated hourly. AWS does not say by how many hours a month has: here by those of the month itself. */
  key: price(1_000_000, 1, 'key-month', KMS, KMS),
  /** What the first and the second rotation of a key add; what later ones add is free. */
  'rotated-material': price(1_000_000, 1, 'key-month', ROTATION, ROTATION),
  request: price(30_000, 10_000, 'request', KMS, KMS_READ),
  /** RSA 2048 costs as much as symmetric keys do, which no record tells apart. */
  'asymmetric-request': price(150_000, 10_000, 'request', KMS),
  'ecc-data-key-pair': price(100_000, 10_000, 'request', KMS),
  'rsa-data-key-pair': price(12_000_000, 10_000, 'request', KMS),
  /** S3 Standard, the first 50 TB. A GB is 2^30 bytes. */
  storage: price(23_000, 1, 'GB-month', S3, S3_READ),
  /** At most: several entries are one object. */
  'delivery-s3': price(5_000, 1_000, 'entry', S3, S3_READ),
  'delivery-eventbridge': price(
    1_000_000,
    1_000_000,
    'entry',
    'https://aws.amazon.com/eventbridge/pricing/',
    'https://cloudburn.io/blog/amazon-eventbridge-pricing',
  ),
  /** At most: several entries are sent together. */
  'delivery-sqs': price(400_000, 1_000_000, 'entry', 'https://aws.amazon.com/sqs/pricing/'),
  'delivery-sns': price(500_000, 1_000_000, 'entry', 'https://aws.amazon.com/sns/pricing/'),
} as const satisfies Readonly<Record<string, Price>>;
export type PriceName = keyof typeof PRICES;

/** Kinds of requests that cost differently. */
export const REQUEST_CLASSES = ['request', 'asymmetric-request', 'ecc-data-key-pair', 'rsa-data-key-pair'] as const;
export type RequestClass = (typeof REQUEST_CLASSES)[number];

/**
 * What units cost, in millionths of a US dollar, rounded half up to a whole one.
 *
 * @param units Whole, and as a fraction of so many where only a part is meant: hours of a month, a share of a key.
 */
export function priceOf(name: PriceName, units: bigint, of = 1n): number {
  const { microUsd, per } = PRICES[name];
  const divisor = BigInt(per) * of;
  return Number((units * BigInt(microUsd) * 2n + divisor) / (2n * divisor));
}
