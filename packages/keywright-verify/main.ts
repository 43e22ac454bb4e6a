/** Starts the command `keywright-verify`. */
import { run } from './command';

/** As the shell tells of a program that wrote to a pipe without a reader: 128 and the number of SIGPIPE. */
const NO_READER = 141;
const { stdout, stderr, env } = process;

for (const stream of [stdout, stderr]) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? NO_READER : 2));
}
process.exitCode = await run(process.argv.slice(2), {
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  isColoured: !env.NO_COLOR && Boolean(env.FORCE_COLOR || (stdout.isTTY && env.TERM !== 'dumb')),
});
