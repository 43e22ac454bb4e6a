/** The command as a process of its own: how it ends when the machine, a reader of its output or a bug ends it. */
import { bugLine } from 'local-aws/bug-line';
import { main } from './main';
import { machineFault } from './output/machine-fault';
import { printable, printableLines } from './output/printable-text';

/** As the shell tells of a program that wrote to a pipe without a reader: 128 and the number of SIGPIPE. */
const NO_READER = 141;
const MACHINE = 2;
const BUG = 1;

export async function run(argv: readonly string[], root: string): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', end);
  // Rejections that nobody waits for come here, too.
  process.on('uncaughtException', end);
  try {
    await main(argv, root);
  } catch (error) {
    end(error);
  }
}

/** At once: what is kept is kept by every write, and goes on at the next start, as after a kill. */
function end(error: unknown): never {
  // Whoever read the output has seen enough, `head` for example.
  if (Object(error).code === 'EPIPE') process.exit(NO_READER);
  const fault = machineFault(error);
  const said = fault === undefined ? printableLines(bugLine('keywright ended', error)) : printable(fault);
  process.stderr.write(`${said}\n`);
  process.exit(fault === undefined ? BUG : MACHINE);
}
