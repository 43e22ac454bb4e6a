/**
 * Pages through PagerDuty: one alert an incident, by its `dedup_key`.
 * Source: PagerDuty Events API v2, its OpenAPI description. A summary has at most 1024 characters there, an event 512 KB.
 */
import { cutText } from '../../domain/availability/paging/cut-text';
import type { Page, PageAbout } from '../../domain/availability/paging/page';
import type { Pager } from '../../domain/availability/ports';
import { notSent } from './not-sent';
import { TEXT_MAX } from './payload';
import { post } from './post';

const ACTION = {
  opened: 'trigger',
  updated: 'trigger',
  grown: 'trigger',
  deadline: 'trigger',
  acknowledged: 'acknowledge',
  closed: 'resolve',
  test: 'trigger',
} as const satisfies Record<PageAbout, string>;

/** Whoever has the incident in hand keeps it: what changed since triggers nothing. */
const actionOf = ({ about, details }: Page) =>
  about === 'updated' && details['acknowledgedBy'] !== undefined ? ACTION.acknowledged : ACTION[about];

/** Taken is what PagerDuty answers with 202 and `status: success`: any other 2xx is somebody else’s. The secret is the routing key. */
export const pagerDutyPager = (timeoutMs?: number): Pager => ({
  async page(page, { target, secret = '' }) {
    const { status, text } = await post(page, target, JSON.stringify(eventOf(page, secret)), {}, timeoutMs);
    if (status !== 202 || !isSuccess(text)) throw notSent(page, `it answered ${status} without success`);
    // Nobody is to be kept with the alert of a test.
    if (page.about === 'test')
      await post(page, target, JSON.stringify({ ...keysOf(page, secret), event_action: 'resolve' }), {}, timeoutMs);
  },
});

const keysOf = ({ incidentId }: Page, routing_key: string) => ({ routing_key, dedup_key: incidentId });

/** What `POST /enqueue` takes. A runbook that is a path has no link. */
export function eventOf(page: Page, routingKey: string) {
  const { about, subject, body, severity, at, runbook, acknowledgeUrl, details } = page;
  const links = [
    ...(acknowledgeUrl ? [{ href: acknowledgeUrl, text: 'Acknowledge' }] : []),
    ...(runbook?.startsWith('https://') ? [{ href: runbook, text: 'Runbook' }] : []),
  ];
  return {
    ...keysOf(page, routingKey),
    event_action: actionOf(page),
    client: 'Keywright',
    payload: {
      summary: subject,
      severity,
      source: String(details['kmsKeyArn'] ?? 'keywright'),
      timestamp: at,
      component: 'kms-key',
      group: 'keywright',
      class: String(details['cause'] ?? about),
      custom_details: { ...details, about, ...(runbook && { runbook }), text: cutText(body, TEXT_MAX) },
    },
    ...(links.length > 0 && { links }),
  };
}

function isSuccess(text: string): boolean {
  try {
    return JSON.parse(text)?.status === 'success';
  } catch {
    return false;
  }
}
