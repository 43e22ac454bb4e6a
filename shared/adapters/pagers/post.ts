/** One HTTP request of a page: bounded in time and in what is read of the answer, and sent on to nobody. */
import { destinationFault } from '../../domain/availability/paging/destination';
import type { Page } from '../../domain/availability/paging/page';
import { guardedWeb, type WebAnswer, WebFault } from '../web/guarded-post';
import { notSent } from './not-sent';

/** A channel that has not answered whole by then has not taken the page. */
const TIMEOUT_MS = 5_000;

/** Channels are people's of the provider: a pager on this machine, by its number, is one of theirs. */
const WEB = guardedWeb({ isLoopbackAllowed: true });

/**
 * Posts JSON, and gives the answer where its status is 2xx. No redirect is followed: what we sign and send is for this host.
 *
 * @throws KeywrightError `page.not-sent`: without the URL, which may be a secret, and without the answer’s text.
 */
export async function post(
  page: Page,
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
  timeoutMs: number = TIMEOUT_MS,
): Promise<WebAnswer> {
  const fault = destinationFault(url);
  if (fault) throw notSent(page, `its address ${fault}`);
  const sent = { url, body, headers: { 'content-type': 'application/json', ...headers }, timeoutMs };
  const answer = await WEB.post(sent).catch((error) => {
    throw error instanceof WebFault ? notSent(page, error.message) : error;
  });
  if (answer.status < 200 || answer.status > 299) throw notSent(page, `it answered ${answer.status}`);
  return answer;
}
