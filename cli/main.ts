/** The `keywright` command: its verbs, each in a folder of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { auditCommand } from './audit/command';
import { auditReadersCommand } from './audit-readers/command';
import { backupCommand } from './backup/command';
import { channelCommand } from './channel/command';
import { compromiseCommand } from './compromise/command';
import { costsCommand } from './costs/command';
import { customerCommand } from './customer/command';
import { drillCommand } from './drill/command';
import { impactCommand } from './impact/command';
import { ackCommand, explainCommand, incidentCommand, incidentsCommand } from './incidents/command';
import { keysCommand } from './keys/command';
import { optionsCommand } from './options/command';
import { machineFault } from './output/machine-fault';
import { printable } from './output/printable-text';
import { wrapped } from './output/wrapped';
import { policyCommand } from './policy/command';
import { quotaCommand } from './quota/command';
import { reencryptCommand } from './reencrypt/command';
import { replayCommand } from './replay/command';
import { retireCommand } from './retire/command';
import { rotateCommand } from './rotate/command';
import { rotationsCommand } from './rotations/command';
import { slaCommand } from './sla/command';
import { startCommand } from './start/command';
import { statusCommand } from './status/command';
import { storeCommand } from './store/command';
import { subscriptionsCommand } from './subscriptions/command';
import { windowCommand } from './window/command';

/**
 * Runs a command; how it ended is in `process.exitCode`. What the machine refuses is told in a sentence and ends it with 2.
 *
 * @param root The folder of the product: what is packaged and deployed lies there.
 * @throws whatever nobody foresaw.
 */
export async function main(argv: readonly string[], root: string): Promise<void> {
  try {
    await commandLine(root).parseAsync([...argv]);
  } catch (error) {
    // Help and version end here too, with code 0; a wrong option has been explained already.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else report(error);
  }
}

function report(error: unknown): void {
  const fault = machineFault(error);
  if (fault === undefined) throw error;
  process.stderr.write(`${printable(fault)}\n`);
  process.exitCode = 2;
}

export function commandLine(root: string): Command {
  const { version, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const program = new Command('keywright').description(description).version(version).showHelpAfterError();
  const offline = [startCommand(root), replayCommand(), auditCommand(), optionsCommand()];
  const operating = [
    statusCommand(),
    incidentsCommand(),
    incidentCommand(),
    explainCommand(),
    ackCommand(),
    impactCommand(),
    slaCommand(),
    costsCommand(),
    channelCommand(),
    subscriptionsCommand(),
    auditReadersCommand(),
    drillCommand(),
    customerCommand(),
    storeCommand(),
    keysCommand(),
    rotateCommand(),
    rotationsCommand(),
    policyCommand(),
    windowCommand(),
    reencryptCommand(),
    quotaCommand(),
    retireCommand(),
    backupCommand(),
    compromiseCommand(),
  ];
  for (const command of [...offline, ...operating]) program.addCommand(command);
  program.hook('preAction', (_, command) => refuseEmpty(command));
  throwOnMisuse(program);
  showRequired(program, 'Usage: keywright ');
  return program;
}

/** An unset variable of the shell names nothing: neither a file nor a folder of that name is meant, nor that none is. */
function refuseEmpty(command: Command): void {
  const empty = command.options.find((option) => command.getOptionValue(option.attributeName()) === '');
  const name = empty?.long ?? (command.args.includes('') ? 'an argument' : undefined);
  if (name !== undefined)
    command.error(`error: ${name} is empty. Give it a value, or leave it out if it is optional.`, { exitCode: 2 });
}

/** What has to be given is in the usage line, an option as well. @param before What stands before it in the line. */
function showRequired(command: Command, before: string): void {
  const required = command.options
    .filter(({ mandatory }) => mandatory)
    .map(({ flags }) => flags.split(', ').at(-1))
    .join(' ');
  if (required !== '') {
    const usage = command.usage().replace('[options]', `${required} [options]`);
    command.usage(wrapped(usage, before).slice(before.length));
  }
  for (const inner of command.commands) showRequired(inner, `${before}${inner.name()} `);
}

/** Instead of ending the process with 1, which is what a command that did its work but found something wrong ends with. */
function throwOnMisuse(command: Command): void {
  command.exitOverride();
  for (const inner of command.commands) throwOnMisuse(inner);
}
