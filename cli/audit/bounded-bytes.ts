/** What a body holds; undefined where it is more than `bytesMax`, whatever its length was said to be. The rest is not read. */
export async function boundedBytes(
  body: AsyncIterable<Uint8Array> | undefined | null,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
