/** Requests at whatever pace they are made. */
import { hasCode } from '../../shared/domain/errors';
import type { RateLimiter } from '../../shared/domain/reencryption/quota/ports';

const ATTEMPTS = 3;

export const unlimitedRate: RateLimiter = {
  async run(_use, request) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await request();
      } catch (error) {
        if (attempt === ATTEMPTS || !hasCode(error, 'kms.throttled', 'kms.unreachable')) throw error;
      }
    }
  },
};
