/** Pages into a Slack channel, by an incoming webhook. Its URL is the secret. Source: Slack, "Incoming webhooks", "Blocks". */
import { cutText } from '../../domain/availability/paging/cut-text';
import type { Page } from '../../domain/availability/paging/page';
import type { Pager } from '../../domain/availability/ports';
import { notSent } from './not-sent';
import { post } from './post';

/** A header takes 150 characters, a section 3000. */
const HEADER_MAX = 150;
const SECTION_MAX = 3_000;

/** Taken is what Slack answers with the two letters `ok`. */
export const slackPager = (timeoutMs?: number): Pager => ({
  async page(page, { secret = '' }) {
    const { text } = await post(page, secret, JSON.stringify(messageOf(page)), {}, timeoutMs);
    if (text.trim() !== 'ok') throw notSent(page, 'it did not answer `ok`');
  },
});

/** Nothing in a page is markup but the link of our own: names are the customers’, and mention nobody. */
const plain = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function messageOf({ incidentId, severity, subject, body, runbook, acknowledgeUrl }: Page) {
  const shown = cutText(body, SECTION_MAX);
  return {
    text: plain(`[${severity}] ${subject}`),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cutText(subject, HEADER_MAX) } },
      { type: 'section', text: { type: 'plain_text', text: shown } },
      ...(acknowledgeUrl
        ? [{ type: 'section', text: { type: 'mrkdwn', text: `<${acknowledgeUrl}|Acknowledge>` } }]
        : []),
      {
        type: 'context',
        elements: [
          { type: 'plain_text', text: `${severity}, incident ${incidentId}` },
          ...(runbook ? [{ type: 'plain_text', text: `Runbook: ${runbook}` }] : []),
        ],
      },
    ],
  };
}
