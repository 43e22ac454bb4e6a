/** Tables for people: aligned, coloured on a terminal only (NO_COLOR and pipes are respected by colours.ts). */
import Table from 'cli-table3';
import { colours } from './colours';
import { printable } from './printable-text';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Lines without a frame, so that they can be copied and cut. */
export function table(columns: readonly Column[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = new Table({
    head: columns.map(({ title }) => colours.bold(title)),
    colAligns: columns.map(({ align = 'left' }) => align),
    chars: FRAMELESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  lines.push(...rows.map((row) => row.map(cell)));
  return lines
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const cell = (value: string | number) => (typeof value === 'number' ? grouped(value) : printable(value));

/** 1234567 -> `1,234,567`, the same on every machine. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

const FRAME_PARTS = ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'];
const LINE_PARTS = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'];
const FRAMELESS = Object.fromEntries([...FRAME_PARTS, ...LINE_PARTS].map((part) => [part, '']));
