/** A progress bar on the terminal; nothing into a pipe or a file. */
import { Presets, SingleBar } from 'cli-progress';
import { printable } from './printable-text';

export interface Progress {
  advance(by: number): void;
  label(text: string): void;
  /** A line above the bar. Written to the same place as the bar. */
  line(text: string): void;
  stop(): void;
}

const LABEL_WIDTH = 40;

/** @param total what `advance` adds up to; 0 when it is not known: then there is no bar. */
export function progress(total: number, out: NodeJS.WriteStream = process.stderr): Progress {
  const line = (text: string) => void out.write(`${printable(text)}\n`);
  if (!out.isTTY || total === 0) return { advance() {}, label() {}, line, stop() {} };

  const format = '{bar} {percentage}%  {eta_formatted} left  {label}';
  const bar = new SingleBar({ format, stream: out, clearOnComplete: true, hideCursor: true }, Presets.shades_classic);
  bar.start(total, 0, { label: '' });
  return {
    advance: (by) => bar.increment(by),
    label: (text) => bar.update({ label: shortened(printable(text)) }),
    line(text) {
      // A carriage return and "erase line" take the bar away; it is drawn again with its next update.
      out.write(`\r\u001b[2K${printable(text)}\n`);
    },
    stop: () => bar.stop(),
  };
}

const shortened = (text: string): string => (text.length > LABEL_WIDTH ? `…${text.slice(1 - LABEL_WIDTH)}` : text);
