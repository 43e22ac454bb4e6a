/** The promises of `Pager`, for every implementation of it. */
import type { Page } from '../../shared/domain/availability/paging/page';
import type { Destination, Pager } from '../../shared/domain/availability/ports';

/** What of a page every channel shows, however it shows it. */
export type ReceivedPage = Pick<Page, 'incidentId' | 'about' | 'severity' | 'subject' | 'body' | 'acknowledgeUrl'>;

export interface PagerScene {
  readonly pager: Pager;
  readonly to: Destination;
  /** What reached on-call, once so many pages have, in any order. */
  received(count: number): Promise<readonly Partial<ReceivedPage>[]>;
  /** From now on nothing takes a page. */
  breakDown(): Promise<void>;
}

export const PAGE: Page = {
  incidentId: 'incident-1',
  messageId: 'incident-1.opened',
  about: 'opened',
  severity: 'critical',
  subject: 'Acme Corp cannot be served',
  body: 'Line one\nLine two: “ü”',
  at: '2026-11-24T12:00:00.000Z',
  runbook: 'https://example.com/runbooks/key-disabled.md',
  acknowledgeUrl: 'https://links.example.com/WyJpbmNpZGVudC0xIl0.c-_Q',
  details: { kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/one', dataStoreCount: 3 },
};

const { incidentId, about, severity, subject, body, acknowledgeUrl = '' } = PAGE;
const WHOLE: ReceivedPage = { incidentId, about, severity, subject, body, acknowledgeUrl };

/** @param shows What of a page this kind of channel shows. */
export function pagerContract(
  open: () => Promise<PagerScene>,
  shows: readonly (keyof ReceivedPage)[] = ['incidentId', 'about', 'severity', 'subject', 'body', 'acknowledgeUrl'],
): void {
  test('a page reaches on-call as it is written, with its incident', async () => {
    const { pager, to, received } = await open();

    await pager.page(PAGE, to);

    const shown = Object.fromEntries(shows.map((name) => [name, WHOLE[name]]));
    expect(await received(1)).toEqual([expect.objectContaining(shown)]);
  });

  test('a repeat is a page of the same incident, and another incident is told apart', async () => {
    const { pager, to, received } = await open();

    await pager.page(PAGE, to);
    await pager.page({ ...PAGE, about: 'closed', messageId: 'incident-1.closed', subject: 'Over' }, to);
    await pager.page({ ...PAGE, incidentId: 'incident-2', messageId: 'incident-2.opened' }, to);

    const incidents = (await received(3)).map((page) => page.incidentId);
    expect(incidents.sort()).toEqual(['incident-1', 'incident-1', 'incident-2']);
  });

  test('a page without a runbook and a link, of the greatest length and of every character is taken', async () => {
    const { pager, to, received } = await open();
    const { runbook: _none, acknowledgeUrl: _nothing, ...page } = PAGE;

    await pager.page({ ...page, subject: 'x'.repeat(99), body: '<!channel> & “🏦”\n'.repeat(4_000) }, to);

    expect(await received(1)).toHaveLength(1);
  });

  test('a page that nothing takes is an error that may pass, and names no secret', async () => {
    const { pager, to, breakDown } = await open();
    await breakDown();

    const error = await pager.page(PAGE, to).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'page.not-sent', retry: true, details: { incidentId: 'incident-1' } });
    if (to.secret) expect(JSON.stringify(error) + String(error)).not.toContain(to.secret);
  });
}
