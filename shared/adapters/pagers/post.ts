/** One HTTP request of a page: bounded in time and in what is read of the answer, and sent on to nobody. */
import { destinationFault } from '../../domain/availability/paging/destination';
import type { Page } from '../../domain/availability/paging/page';
import { nameOf, notSent } from './not-sent';

/** A channel that has not answered whole by then has not taken the page. */
const TIMEOUT_MS = 5_000;

/** What a channel says is a few words. */
const ANSWER_BYTES_MAX = 16 * 1024;

export interface Answer {
  readonly status: number;
  readonly text: string;
}

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
): Promise<Answer> {
  const fault = destinationFault(url);
  if (fault) throw notSent(page, `its address ${fault}`);
  const answer = await ask(url, body, headers, timeoutMs).catch((error) => {
    const reason = nameOf(error) === 'TimeoutError' ? 'it did not answer in time' : 'it was not reached';
    throw notSent(page, reason);
  });
  if (answer.status < 200 || answer.status > 299) throw notSent(page, `it answered ${answer.status}`);
  return answer;
}

async function ask(url: string, body: string, headers: Readonly<Record<string, string>>, timeoutMs: number) {
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', 'user-agent': 'keywright', ...headers },
    body,
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status: response.status, text: await boundedText(response) };
}

/** What comes after the bound is not read. */
async function boundedText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= ANSWER_BYTES_MAX) break;
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES_MAX).toString('utf8');
}
