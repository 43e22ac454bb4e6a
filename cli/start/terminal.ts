/**
 * What a person sees of the scenario. On a terminal the step under way shows its time; into a pipe or a file goes one
 * line a step. Everything here goes to standard output but errors.
 */
import { colours } from '../output/colours';

export interface Terminal {
  heading(text: string): void;
  line(text: string): void;
  /** Runs a step and shows that it is under way, what it says meanwhile, and how it ended. */
  step(title: string, run: (say: (line: string) => void) => Promise<string>): Promise<void>;
}

const TICK_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

export function terminal(out: NodeJS.WriteStream = process.stdout): Terminal {
  const write = (text: string) => void out.write(text);
  const line = (text: string) => write(`${text}\n`);
  return {
    line,
    heading: (text) => line(`\n${colours.bold(text)}`),
    async step(title, run) {
      const startedAt = Date.now();
      const show = () =>
        write(`${CLEAR_LINE}${colours.cyan('›')} ${title} ${colours.dim(seconds(Date.now() - startedAt))}`);
      const ticking = out.isTTY ? setInterval(show, TICK_MS) : undefined;
      const print = (text: string) => line(`${ticking ? CLEAR_LINE : ''}${text}`);
      try {
        const result = await run((said) => print(colours.dim(`    ${said}`)));
        print(`${colours.green('✓')} ${title} ${colours.dim(seconds(Date.now() - startedAt))}`);
        line(`    ${result}`);
      } catch (error) {
        print(`${colours.red('✗')} ${title} ${colours.dim(seconds(Date.now() - startedAt))}`);
        throw error;
      } finally {
        clearInterval(ticking);
      }
    },
  };
}

export const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
