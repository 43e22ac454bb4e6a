/** Durations as people type them. */
import { InvalidArgumentError } from 'commander';

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** `15m` -> 900. A number needs its unit: nobody shall guess which one was meant. */
export function secondsOf(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (number !== '') return Number(number) * SECONDS[unit as keyof typeof SECONDS];
  throw new InvalidArgumentError('It must be a number with its unit, such as 90s, 15m, 2h or 1d.');
}
