/** What every command that calls the API has in common: its options, how it prints, and how it ends. */

import { Command } from 'commander';
import { defined } from '../../shared/domain/optional-fields';
import { printableLines } from '../output/printable-text';
import { wrapped } from '../output/wrapped';
import type { Api } from './api';
import { ApiRefusal } from './api-refusal';

/** How a key is named on the command line; the API finds the one that is meant. */
export const KEY_HELP = 'the full ARN of a KMS key, an alias/… or a key id of our account, or a customer id';

/** What an action works with. */
export interface Session {
  readonly api: Api;
  /** Prints the result: as JSON if it was asked for, else as the text that a person reads. */
  print(result: object, text: () => string): void;
}

interface Shared {
  readonly json?: boolean;
  readonly api?: string;
  readonly stage: string;
}

/**
 * A command with the options that say where the API is and how to print.
 *
 * @param found What exit code 1 means, where the command may end with it: it did its work, and something is not as it should be.
 */
export function operatorCommand(name: string, description: string, examples: string, found?: string): Command {
  const exits = ['0 done', ...(found === undefined ? [] : [`1 ${found}`]), '2 refused or not reached'].join(', ');
  return new Command(name)
    .description(description)
    .option('--json', 'print the result as JSON')
    .option('--api <url>', 'the address of the API (default: KEYWRIGHT_API_URL, or found by the function’s name)')
    .option('--stage <name>', 'the stage whose API is looked for', 'dev')
    .addHelpText('after', `\nExamples:\n${examples.trim().replace(/^/gm, '  ')}\n\n${wrapped(exits, 'Exit code: ')}`);
}

/** Runs an action with a session. What was refused is told with exit code 2; nothing was touched then. */
export function withApi<Arguments extends unknown[]>(
  run: (session: Session, ...given: Arguments) => Promise<void>,
): (...given: [...Arguments, Command]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command;
    const { api: url, stage, json } = command.opts<Shared>();
    // What speaks to AWS is loaded by the commands that do.
    const { apiAt } = await import('./api');
    const session: Session = {
      api: apiAt({ api: url, stage }),
      print: (result, text) => print(json ? result : text()),
    };
    try {
      await run(session, ...(given.slice(0, -1) as Arguments));
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error;
      const { code, message, field } = error;
      if (json) print({ error: { code, message, ...defined({ field }) } });
      else process.stderr.write(`${printableLines(message.split('\n').map(refusalText).join('\n'))}\n`);
      process.exitCode = 2;
    }
  };
}

/** In lines; the command that it may end with is one of its own, to be copied. */
function refusalText(message: string): string {
  const [, prose, command] = /^(.*: )(keywright [^:]+)$/.exec(message) ?? [];
  return command === undefined ? wrapped(message) : `${wrapped(`${prose}`.trimEnd())}\n  ${command}`;
}

/** What lists ask the API with: a key or a customer. */
export function whichKeys(key: string | undefined, customer: string | undefined) {
  return { ...defined({ key, customerId: customer }) };
}

function print(result: object | string): void {
  const text = typeof result === 'string' ? printableLines(result.trimEnd()) : JSON.stringify(result, null, 2);
  process.stdout.write(`${text}\n`);
}
