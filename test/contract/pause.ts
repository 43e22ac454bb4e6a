/** The promises of `Pause`, for every implementation of it. */
import type { Pause } from '../../shared/domain/ports';

/** @param open A pause, and the time that has passed by it. */
export function pauseContract(open: () => { readonly pause: Pause; passedMs(): number }): void {
  test.each([0, 30])('so much time lies behind a wait of %i ms', async (ms) => {
    const { pause, passedMs } = open();
    const beforeMs = passedMs();

    await pause.wait(ms);

    // Timers may come a millisecond early.
    expect(passedMs() - beforeMs).toBeGreaterThanOrEqual(ms - 1);
  });
}
