/** A bug in one line, as a terminal shows it. Where it happened is for whoever mends it: `KEYWRIGHT_DEBUG=1` shows that. */
export function bugLine(what: string, error: unknown): string {
  if (process.env['KEYWRIGHT_DEBUG']) return error instanceof Error ? String(error.stack) : String(error);
  const message = error instanceof Error ? error.message : String(error);
  return `${what}: ${message.split('\n', 1)[0]} (KEYWRIGHT_DEBUG=1 shows where it happened)`;
}
