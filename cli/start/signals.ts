/** Ctrl-C and a polite kill: the first lets everything end in order, the second one ends the process at once. */
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export type Signal = (typeof SIGNALS)[number];

/** As the shell tells of a program that a signal ended. */
export const exitCodeOf = (signal: Signal) => 128 + constants.signals[signal];

/** The first signal from now on. After it each of them does what it does by itself: it ends the process. */
export function firstSignal(): Promise<Signal> {
  return new Promise((resolve) => {
    const hear = (signal: Signal) => {
      for (const each of SIGNALS) process.off(each, hear);
      resolve(signal);
    };
    for (const each of SIGNALS) process.on(each, hear);
  });
}
