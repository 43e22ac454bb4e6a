/** Requests at the pace that `shared/domain/pace.ts` decides: evenly spaced, whoever asks first goes first. */
import { hasCode } from '../domain/errors';
import { PACE_AT_START, paceAfter } from '../domain/pace';
import type { Pace } from '../domain/ports';

export interface PaceTime {
  readonly nowMs: () => number;
  readonly waitMs: (ms: number) => Promise<void>;
}

const MACHINE: PaceTime = {
  nowMs: () => performance.now(),
  waitMs: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

export function tokenPace(time: PaceTime = MACHINE): Pace {
  let state = PACE_AT_START;
  let nextMs = 0;

  async function turn(): Promise<void> {
    const nowMs = time.nowMs();
    const mineMs = Math.max(nowMs, nextMs);
    nextMs = mineMs + 1000 / state.perSecond;
    if (mineMs > nowMs) await time.waitMs(mineMs - nowMs);
  }

  return {
    async run(request) {
      await turn();
      const sentMs = time.nowMs();
      try {
        const answer = await request();
        state = paceAfter(state, { throttled: false, latencyMs: time.nowMs() - sentMs });
        return answer;
      } catch (error) {
        if (hasCode(error, 'kms.throttled')) state = paceAfter(state, { throttled: true, latencyMs: 0 });
        throw error;
      }
    },
  };
}
