/** The promises of `Clock`, for every implementation of it. */
import type { Clock } from '../../shared/domain/ports';

/** @param pass Lets so much time pass. */
export function clockContract(open: () => { readonly clock: Clock; pass(ms: number): Promise<void> }): void {
  test('an instant is UTC with milliseconds', () => {
    expect(open().clock.now()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('when time has passed the instant is later, by text too', async () => {
    const { clock, pass } = open();
    const before = clock.now();
    await pass(20);
    const after = clock.now();

    expect(after > before).toBe(true);
    // Timers may come a millisecond early.
    expect(Date.parse(after) - Date.parse(before)).toBeGreaterThanOrEqual(19);
  });
}
