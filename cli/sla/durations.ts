/** Durations as people type and read them. */
import { InvalidArgumentError } from 'commander';

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** `15m` -> 900. A number needs its unit: nobody shall guess which one was meant. */
export function secondsOf(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (number !== '') return Number(number) * SECONDS[unit as keyof typeof SECONDS];
  throw new InvalidArgumentError('It must be a number with its unit, such as 90s, 15m, 2h or 1d.');
}

/** Milliseconds for people, in the two largest units that matter: `21 min 36 s`, `-1 h 2 min`. */
export function durationText(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const units = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  const said = units.slice(first, first + 2).flatMap(([count, unit]) => (count > 0 ? [`${count} ${unit}`] : []));
  return `${ms < 0 ? '-' : ''}${said.join(' ')}`;
}
