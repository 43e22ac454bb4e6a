/** What every function needs of the world besides AWS services: the time, identifiers, a log and metrics. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { nextId } from '../adapters/time-ordered-id';
import type { Clock, Ids, Log, Pause } from '../domain/ports';

export interface Basics {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** @param name The function's name: it stands in every log line and is a dimension of every metric. */
export function basicsOf(name: string): Basics {
  const logger = new Logger({ serviceName: name });
  return {
    clock: { now: () => new Date().toISOString() },
    ids: { next: nextId },
    log: {
      info: (message, fields = {}) => logger.info(message, fields),
      warn: (message, fields = {}) => logger.warn(message, fields),
      error: (message, fields = {}) => logger.error(message, fields),
    },
    metrics: new Metrics({ namespace: 'keywright', serviceName: name }),
  };
}

export const pausePort: Pause = { wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) };
