/** `keywright start`: the complete scenario on local AWS. */
import { Command, InvalidArgumentError } from 'commander';
import type { StartOptions } from './options';

const EXAMPLES = `
Examples:
  npm start                              run the scenario, then stay up
  npm start -- --once --report run.json  run it, write figures, and end
  npm start -- --data ./state            keep state: go on after a crash

Ends with 0 only if every check of the scenario holds.`;

export const startCommand = (root: string) =>
  new Command('start')
    .description('run the complete scenario for five customers on local AWS')
    .option('--once', 'exit after the scenario')
    .option('--report <file>', 'write what was measured as JSON')
    .option('--data <folder>', 'keep all state in this folder, across restarts')
    .option('--port <number>', 'the port of local AWS (default: a free one)', portOf)
    .addHelpText('after', EXAMPLES)
    .action(async (options: StartOptions) => {
      const { start } = await import('./start-product');
      process.exitCode = await start(root, options);
    });

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError('A port is a whole number from 1 to 65535.');
}
