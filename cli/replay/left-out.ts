/** What a replay leaves out though it is sound: each kind with its reason, counted, so that nothing vanishes unsaid. */
export const LEFT_OUT = {
  'other-service': { of: 'records', reason: 'of another service than KMS' },
  insight: { of: 'records', reason: 'tells of call rates, and of no call' },
  aggregated: { of: 'records', reason: 'counts calls of some minutes, and tells of none' },
  digest: { of: 'files', reason: 'a CloudTrail digest' },
  'other-log': { of: 'files', reason: 'the log of another service than CloudTrail' },
  hidden: { of: 'files', reason: 'hidden' },
  output: { of: 'files', reason: 'the output of the replay' },
  link: { of: 'files', reason: 'a link; name it to have it read' },
  special: { of: 'files', reason: 'neither a file nor a folder' },
} as const satisfies Record<string, { readonly of: 'records' | 'files'; readonly reason: string }>;

export type LeftOutKind = keyof typeof LEFT_OUT;

/** One kind of what was left out. Kinds of which nothing was met are not listed. */
export interface LeftOut {
  readonly kind: LeftOutKind;
  readonly of: 'records' | 'files';
  readonly count: number;
  readonly reason: string;
}

/** In the order of the table. */
export function listOf(counts: ReadonlyMap<LeftOutKind, number>): readonly LeftOut[] {
  const kinds = Object.keys(LEFT_OUT) as LeftOutKind[];
  return kinds.flatMap((kind) => {
    const count = counts.get(kind);
    return count === undefined ? [] : [{ kind, count, ...LEFT_OUT[kind] }];
  });
}

/**
 * Whether a path is that of another service's log: below `AWSLogs/` each service writes into a folder of its own, CloudTrail
 * into those that begin with its name. Flow logs, access logs, findings and test files of others lie beside it in many buckets.
 */
export function isOthersLog(path: string): boolean {
  const folders = path.split(/[\\/]/);
  const below = folders.slice(folders.lastIndexOf('AWSLogs') + 1);
  return below.length < folders.length && !below.some((name) => name.startsWith('CloudTrail'));
}
