/** Which addresses of the web a page may be sent to. */

/** Loopback by number alone: a name may be anything’s. */
const LOOPBACK = /^(127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * What is wrong with a URL that pages are to be posted to, in words that follow its field’s name; undefined if nothing is.
 * It is to be HTTPS (HTTP on this machine alone), and everything in it may be shown: no user, no query, no fragment.
 */
export function destinationFault(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) return 'is no URL';
  const { protocol, hostname, username, password, search, hash } = url;
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.test(hostname))) return 'must begin with https://';
  if (username || password || search || hash) return 'may have no user, no query and no fragment';
  return undefined;
}
