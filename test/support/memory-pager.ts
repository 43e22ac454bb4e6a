/** Pages that reached on-call, in memory. */

import type { Pager } from '../../shared/domain/availability/ports';
import { KeywrightError } from '../../shared/domain/errors';

type Page = Parameters<Pager['page']>[0];

export interface MemoryPager extends Pager {
  readonly pages: readonly Page[];
  /** The next pages, so many, are not taken. */
  fail(times: number): void;
}

export function memoryPager(): MemoryPager {
  const pages: Page[] = [];
  let failures = 0;
  return {
    pages,
    fail(times) {
      failures = times;
    },
    async page(page) {
      failures -= 1;
      if (failures >= 0) throw new KeywrightError('page.not-sent', 'The topic did not answer.');
      pages.push(page);
    },
  };
}
