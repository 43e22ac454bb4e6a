/** The shard of a name, the same in every process and for ever: FNV-1a, 32 bits (RFC 9923). */
export function stableShard(name: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % shards;
}
