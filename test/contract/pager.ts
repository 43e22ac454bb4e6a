/** The promises of `Pager`, for every implementation of it. */
import type { Pager } from '../../shared/domain/availability/ports';

export type Page = Parameters<Pager['page']>[0];

export interface PagerScene {
  readonly pager: Pager;
  /** What reached on-call, once so many pages have, in any order. */
  received(count: number): Promise<readonly Page[]>;
  /** From now on nothing takes a page. */
  breakDown(): Promise<void>;
}

const PAGE: Page = {
  incidentId: 'incident-1',
  subject: 'Acme Corp cannot be served',
  body: 'Line one\nLine two: “ü”',
};

export function pagerContract(open: () => Promise<PagerScene>): void {
  test('a page reaches on-call as it is written, with its incident', async () => {
    const { pager, received } = await open();

    await pager.page(PAGE);

    expect(await received(1)).toEqual([PAGE]);
  });

  test('a repeat is a page of the same incident, and another incident is told apart', async () => {
    const { pager, received } = await open();

    await pager.page(PAGE);
    await pager.page({ ...PAGE, subject: 'Over' });
    await pager.page({ ...PAGE, incidentId: 'incident-2' });

    const incidents = (await received(3)).map(({ incidentId }) => incidentId);
    expect(incidents.sort()).toEqual(['incident-1', 'incident-1', 'incident-2']);
  });

  test('a page that nothing takes is an error that may pass', async () => {
    const { pager, breakDown } = await open();
    await breakDown();

    await expect(pager.page(PAGE)).rejects.toMatchObject({ code: 'page.not-sent', retry: true });
  });
}
