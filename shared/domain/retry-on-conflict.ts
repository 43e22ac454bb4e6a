/** Lost races: reading again and deciding anew settles them. */
import { hasCode } from './errors';

const ATTEMPTS = 4;

/**
 * Runs what reads, decides and commits; again from the start when somebody else committed in between.
 *
 * @throws KeywrightError `state.changed-meanwhile` (retry) when the race was lost every time.
 */
export async function retryOnConflict<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (!hasCode(error, 'state.changed-meanwhile') || attempt === ATTEMPTS) throw error;
    }
  }
}
