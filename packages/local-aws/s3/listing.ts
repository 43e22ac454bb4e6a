/** One page of ListObjectsV2: keys in order, grouped by a delimiter. Source: ListObjectsV2 in the S3 API reference. */
export interface ListRequest {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  /** Only keys after this one. */
  readonly after: string;
}

export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly commonPrefixes: readonly string[];
  /** What to ask with next; undefined when the list is at its end. */
  readonly nextAfter: string | undefined;
}

export function listPage<Item extends { readonly key: string }>(
  sorted: readonly Item[],
  request: ListRequest,
): ListPage<Item> {
  const items: Item[] = [];
  const groups = new Set<string>();
  let last = request.after;
  for (const item of sorted) {
    if (!item.key.startsWith(request.prefix) || isAtOrBefore(item.key, request.after)) continue;
    const group = groupOf(item.key, request);
    const isNew = group === undefined || !groups.has(group);
    if (isNew && items.length + groups.size === request.maxKeys) {
      return { items, commonPrefixes: [...groups], nextAfter: request.maxKeys === 0 ? undefined : last };
    }
    if (group === undefined) items.push(item);
    else groups.add(group);
    last = item.key;
  }
  return { items, commonPrefixes: [...groups], nextAfter: undefined };
}

function groupOf(key: string, { prefix, delimiter }: ListRequest): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}

function isAtOrBefore(key: string, after: string): boolean {
  return after !== '' && Buffer.compare(Buffer.from(key), Buffer.from(after)) <= 0;
}
