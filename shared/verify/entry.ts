/** Whose an entry is. The rest of an entry is nothing to the verifier: docs/audit-log-format.md describes it. */

/** How our entries begin: reading no further, and as bytes, saves nine tenths of the time. */
const BEGINNING =
  /^\{"v":\d+,"eventId":"(?:[^"\\]|\\.)*",(?:"sharedEventId":"(?:[^"\\]|\\.)*",)?"customerId":("(?:[^"\\]|\\.)*")/;
const BEGINNING_BYTES = 512;

/**
 * A check that entries are of the customer whom the log's origin names, in its last part, percent-encoded.
 * Each entry is a JSON object that says so in its member `customerId`.
 */
export function isOfCustomer(origin: string): (entry: Uint8Array) => boolean {
  const customerId = decoded(origin.slice(origin.lastIndexOf('/') + 1));
  const quoted = JSON.stringify(customerId);
  return (entry) => {
    const text = Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength);
    const named = BEGINNING.exec(text.toString('latin1', 0, BEGINNING_BYTES))?.[1];
    if (named !== undefined && named === quoted) return true;
    return customerId !== undefined && customerIdOf(text.toString('utf8')) === customerId;
  };
}

function customerIdOf(entry: string): unknown {
  try {
    const value: unknown = JSON.parse(entry);
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
