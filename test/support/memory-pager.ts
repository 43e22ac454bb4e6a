/** Pages that reached on-call, in memory. */

import { createHmac } from 'node:crypto';
import { CHANNEL_KINDS } from '../../shared/domain/availability/paging/channel';
import type { Page } from '../../shared/domain/availability/paging/page';
import type {
  Destination,
  LinkSigner,
  LinkVerifier,
  Pager,
  Pagers,
  SecretOpener,
  SecretSealer,
} from '../../shared/domain/availability/ports';
import { KeywrightError } from '../../shared/domain/errors';

export interface MemoryPager extends Pager {
  /** What was taken, and where. */
  readonly pages: readonly (Page & Destination)[];
  /** The next pages, so many, are not taken. */
  fail(times: number): void;
  /** Destinations that take nothing from now on. */
  breakDown(...targets: readonly string[]): void;
}

export function memoryPager(): MemoryPager {
  const pages: (Page & Destination)[] = [];
  let failures = 0;
  let broken: readonly string[] = [];
  return {
    pages,
    fail(times) {
      failures = times;
    },
    breakDown(...targets) {
      broken = targets;
    },
    async page(page, to) {
      failures -= 1;
      if (failures >= 0 || broken.includes(to.target))
        throw new KeywrightError('page.not-sent', 'The topic did not answer.', { incidentId: page.incidentId });
      pages.push({ ...page, ...to });
    },
  };
}

/** What sends pages wants besides the control store, with one pager for every kind of channel. */
export const memoryPaging = (pager: Pager = memoryPager()) => ({
  pagers: Object.fromEntries(CHANNEL_KINDS.map((kind) => [kind, pager])) as unknown as Pagers,
  secrets: memorySecrets(),
  oncallTopicArn: ONCALL_TOPIC,
  drillTopicArn: DRILL_TOPIC,
  runbooks: 'docs/runbooks',
  links: memoryLinks(),
  acknowledgeUrl: ACKNOWLEDGE_URL,
});

export const ACKNOWLEDGE_URL = 'https://links.example.com/';
export const DRILL_TOPIC = 'arn:aws:sns:eu-central-1:111122223333:drills';
export const ONCALL_TOPIC = 'arn:aws:sns:eu-central-1:111122223333:oncall';

export interface MemorySecrets extends SecretSealer, SecretOpener {}

/** Sealed is what says its own name first. */
export function memorySecrets(): MemorySecrets {
  const refused = () => new KeywrightError('secret.not-opened', 'It was sealed for another name.');
  return {
    seal: async (secret, name) => Buffer.from(JSON.stringify({ name, secret })),
    async open(sealed, name) {
      const { name: sealedFor, secret } = JSON.parse(Buffer.from(sealed).toString('utf8'));
      if (sealedFor !== name) throw refused();
      return secret;
    },
  };
}

export interface MemoryLinks extends LinkSigner, LinkVerifier {}

/** @param key What is signed with another is not ours. */
export function memoryLinks(key = 'the key of links'): MemoryLinks {
  const macOf = (text: string) => createHmac('sha256', key).update(text).digest();
  return {
    sign: async (text) => macOf(text),
    isSigned: async (text, mac) => macOf(text).equals(mac),
  };
}
