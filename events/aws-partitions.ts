/**
 * In which of AWS's partitions a Region is: the second part of every ARN in it.
 *
 * By how names of Regions begin, so that a Region that opens tomorrow is in its partition. A test holds this against the SDK's own table.
 * Source: AWS SDK, `partitions.json`, `regionRegex`.
 */
const PARTITIONS: readonly (readonly [prefix: RegExp, partition: string])[] = [
  [/^cn-/, 'aws-cn'],
  [/^us-gov-/, 'aws-us-gov'],
  [/^us-iso-/, 'aws-iso'],
  [/^us-isob-/, 'aws-iso-b'],
  [/^eu-isoe-/, 'aws-iso-e'],
  [/^us-isof-/, 'aws-iso-f'],
  [/^eusc-/, 'aws-eusc'],
];

/** `aws` for every Region that no other partition claims, as the SDK has it. */
export const partitionOf = (region: string): string => PARTITIONS.find(([prefix]) => prefix.test(region))?.[1] ?? 'aws';
