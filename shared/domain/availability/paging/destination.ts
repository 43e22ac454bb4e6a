/** Which addresses of the web a page may be sent to. */

/** The ports that others may name. */
export const WEB_PORTS: readonly number[] = [443, 8443];

const TLS_PORT = '443';

/** Loopback by number alone: a name may be anything’s. */
const LOOPBACK = /^(127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * What is wrong with a URL that pages are to be posted to, in words that follow its field’s name; undefined if nothing is.
 * It is to be HTTPS (HTTP on this machine alone), and everything in it may be shown: no user, no query, no fragment.
 */
export function destinationFault(text: string, ports = WEB_PORTS): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) return 'is no URL';
  const { protocol, hostname, port, username, password, search, hash } = url;
  const isOwn = protocol === 'http:' && LOOPBACK.test(hostname);
  if (protocol !== 'https:' && !isOwn) return 'must begin with https://';
  if (!isOwn && !ports.includes(Number(port || TLS_PORT))) return `must have one of the ports ${ports.join(', ')}`;
  if (username || password || search || hash) return 'may have no user, no query and no fragment';
  return undefined;
}
