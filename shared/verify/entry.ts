/** Whose an entry is. The rest of an entry is nothing to the verifier: docs/audit-log-format.md describes it. */

/**
 * A check that entries are of the customer whom the log's origin names, in its last part, percent-encoded.
 * Each entry is a JSON object that says so in its member `customerId`.
 */
export function isOfCustomer(origin: string): (entry: Uint8Array) => boolean {
  const customerId = decoded(origin.slice(origin.lastIndexOf('/') + 1));
  return (entry) => customerId !== undefined && customerIdOf(entry) === customerId;
}

function customerIdOf(entry: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength).toString('utf8'));
    return typeof value === 'object' && value !== null && 'customerId' in value ? value.customerId : undefined;
  } catch {
    return undefined;
  }
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
