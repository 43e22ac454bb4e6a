/**
 * Who is let in at all, before anything of a request is looked at: programs of this machine, and no web page.
 *
 * The door listens on loopback, and a browser is a program of this machine, too. A page of any site can have it send
 * requests here: it says then where the page is from (`Origin`). A site whose name was made to lead to 127.0.0.1 is asked
 * for by that name (`Host`). No client of AWS says the one or asks for the other. What is open to anybody takes forms of pages:
 * the page that it gave itself is one, and on AWS every other can send it one, too.
 * Source: Fetch standard, "`Origin` header"; RFC 9110, 7.2 (Host).
 */
import type { IncomingHttpHeaders } from 'node:http';

/** Names that nobody's DNS can make lead elsewhere, or another's lead here. Source: RFC 6761, 6.3 (localhost). */
const NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * @param isOpen Whether it is for what is open to anybody.
 * @returns why the request is refused; undefined for one that is let in.
 */
export function refusalAtTheDoor(
  { host, origin }: IncomingHttpHeaders,
  port: number | undefined,
  isOpen: boolean,
): string | undefined {
  if (origin !== undefined && !isOpen) return 'Local AWS answers no web page: the request has an Origin header.';
  const hosts = NAMES.map((name) => `${name}:${port}`);
  // A port of 80 may be left out.
  if (port === 80) hosts.push(...NAMES);
  if (host !== undefined && hosts.includes(host.toLowerCase())) return undefined;
  return `Local AWS answers to ${hosts.join(', ')} only: the request has another Host header.`;
}
