/** Lists that are answered page by page. */
import { invalid } from './operation';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Present when there is more. */
  readonly NextToken?: string;
}

/** The token says how many were given already; it is no secret, but callers should not read it. */
export function pageOf<Item>(
  all: readonly Item[],
  { Limit, NextToken }: { readonly Limit?: number | undefined; readonly NextToken?: string | undefined },
): Page<Item> {
  const from = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, 'base64url').toString());
  if (!Number.isInteger(from) || from < 0) throw invalid('Parameter NextToken is not valid.');
  const to = from + (Limit ?? 100);
  const items = all.slice(from, to);
  return to < all.length ? { items, NextToken: Buffer.from(String(to)).toString('base64url') } : { items };
}
