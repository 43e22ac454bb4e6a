/** A page as one JSON object, for programs: what webhooks and buses are sent. docs/channels.md describes it. */

import { cutText } from '../../domain/availability/paging/cut-text';
import type { Page } from '../../domain/availability/paging/page';

/** An event of EventBridge and of PagerDuty is bounded by 256 KB and more; a character takes up to three bytes, or six escaped. */
export const TEXT_MAX = 30_000;

/** Fields that are absent are left out. Later versions add fields and change none. */
export const payloadOf = ({ body, ...page }: Page) => ({
  version: 1 as const,
  ...page,
  body: cutText(body, TEXT_MAX),
});
