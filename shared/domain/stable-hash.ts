/** The hash of a text, the same in every process and for ever: FNV-1a, 32 bits (RFC 9923). For spreading, not for secrets. */
export function stableHash(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
