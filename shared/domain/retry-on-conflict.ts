/** Lost races: reading again and deciding anew settles them. */
import { hasCode } from './errors';
import { IllegalMove } from './legal-moves';

const ATTEMPTS = 4;

/**
 * Runs what reads, decides and commits; again from the start when somebody else committed in between. Rows that were read at
 * different moments may ask for a move that none of them would: that is such a race, too, unless it comes every time.
 *
 * @throws KeywrightError `state.changed-meanwhile` (retry) when the race was lost every time; IllegalMove for a bug.
 */
export async function retryOnConflict<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

const isConflict = (error: unknown): boolean =>
  hasCode(error, 'state.changed-meanwhile') || error instanceof IllegalMove;
