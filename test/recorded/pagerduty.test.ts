/** What we send PagerDuty is what its own description of Events API v2 takes: every kind of page, read by its JSON schema. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { eventOf } from '../../shared/adapters/pagers/pagerduty-pager';
import { pageOf } from '../../shared/domain/availability/paging/page-text';
import { CAUSES } from '../../shared/domain/availability/verdict';
import { PAGE } from '../contract/pager';
import { after, anIncident, READER } from '../support/make';

const API = JSON.parse(readFileSync(join(__dirname, '../../../shared/data/pagerduty/events-v2-openapi.json'), 'utf8'));

/** Enumerations there have no type: their values are texts. */
const withRefs = (schema: object): object =>
  JSON.parse(
    JSON.stringify(schema, (_name, value) => {
      if (value?.$ref) return withRefs(API.components.schemas[value.$ref.split('/').at(-1)]);
      return value?.type === 'object' && value.properties ? { ...value, additionalProperties: false } : value;
    }),
  );

const event = z.fromJSONSchema(
  withRefs(API.paths['/enqueue'].post.requestBody.content['application/json'].schema) as never,
);

/** A pager of this kind never asks for more. */
const BYTES_MAX = 512 * 1024;

const ABOUT = ['opened', 'updated', 'acknowledged', 'closed'] as const;

test('the schema refuses what is none', () => {
  const sent = eventOf(PAGE, 'key');

  expect(event.safeParse(sent).success).toBe(true);
  for (const wrong of [
    { ...sent, event_action: 'shout' },
    { ...sent, payload: { ...sent.payload, severity: 'disaster' } },
    { ...sent, payload: { ...sent.payload, source: undefined } },
    { ...sent, routing_key: undefined },
    { ...sent, dedupKey: 'x' },
  ])
    expect(event.safeParse(JSON.parse(JSON.stringify(wrong))).success).toBe(false);
});

test.each(CAUSES.flatMap((cause) => ABOUT.map((about) => [cause, about] as const)))(
  'a page about %s that is %s is an event',
  (cause, about) => {
    const ended = about === 'closed' ? ({ state: 'closed', recoveredAt: after(9_000) } as const) : {};
    const acknowledgeUrl = 'https://links.example.com/token';
    const reader = { ...READER, runbooks: 'https://example.com/runbooks', acknowledgeUrl };
    const page = pageOf(anIncident({ cause, recoverableUntil: after(86_400_000), ...ended }), about, reader);
    const sent = eventOf(page, 'key');

    expect(event.parse(sent)).toEqual(sent);
    expect(sent.links?.map(({ text }) => text)).toEqual(['Acknowledge', 'Runbook']);
    expect(sent.payload.summary.length).toBeLessThanOrEqual(1024);
    expect(Buffer.byteLength(JSON.stringify(sent))).toBeLessThan(BYTES_MAX);
    expect(sent.dedup_key).toBe('incident-1');
  },
);

test.each(['test', 'info'])('a %s page is an event, without a link where the runbook is a path', (what) => {
  const { acknowledgeUrl: _nothing, ...taken } = PAGE;
  const page = {
    ...taken,
    runbook: 'docs/runbooks/x.md',
    ...(what === 'test' ? { about: 'test' } : { severity: 'info' }),
  };
  const sent = eventOf(page as typeof PAGE, 'key');

  expect(event.parse(sent)).toEqual(sent);
  expect(sent).not.toHaveProperty('links');
});
