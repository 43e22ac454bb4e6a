import { pageOverdue } from '../../../../../shared/domain/availability/paging/page-overdue';
import { after, anIncident, countedIds, NOW, silentLog } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';
import { memoryPager, memoryPaging } from '../../../../support/memory-pager';

test('what is due is left to page-oncall for a minute and a half, then it is paged, once', async () => {
  const control = memoryControlStore();
  const { pagedAt: _not, ...owed } = anIncident({ dueAt: NOW });
  control.given('incident', owed);
  const pager = memoryPager();
  const at = (ms: number) =>
    pageOverdue({
      ...memoryPaging(pager),
      control,
      clock: { now: () => after(ms) },
      ids: countedIds(),
      log: silentLog,
    });

  expect(await at(60_000)).toBe(0);
  expect(pager.pages).toEqual([]);
  expect(await at(120_000)).toBe(1);
  expect(await at(180_000)).toBe(0);
  expect(pager.pages.map(({ incidentId }) => incidentId)).toEqual(['incident-1']);
});
