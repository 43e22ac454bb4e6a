import { join } from 'node:path';
import type { Command } from 'commander';
import { commandLine } from '../../../cli/main';
import { explainIncident } from '../../../shared/domain/availability/incidents/explain-incident';
import { TROUBLES } from '../../../shared/domain/availability/incidents/trouble';
import { pageOf } from '../../../shared/domain/availability/paging/page-text';
import { stoppedPage, warningPage } from '../../../shared/domain/availability/paging/warning-text';
import { CAUSES } from '../../../shared/domain/availability/verdict';
import { WARNINGS, type WarningKind } from '../../../shared/domain/availability/warnings/early-warning';
import { anArn, anIncident, anOperatorIncident, NOW, READER } from '../../support/make';
import { memoryControlStore } from '../../support/memory-control-store';

const program = commandLine(join(__dirname, '../../..'));

/** Every command that does something, by the words a person types. */
function leaves(command: Command, words: readonly string[] = []): (readonly [string, Command])[] {
  if (command.commands.length === 0) return [[words.join(' '), command]];
  return command.commands.flatMap((inner) => leaves(inner, [...words, inner.name()]));
}

function helpOf(command: Command): string {
  const parts: string[] = [];
  command.configureOutput({ writeOut: (part) => void parts.push(part) });
  command.outputHelp();
  return parts.join('');
}

const isOperating = ([, command]: readonly [string, Command]) => command.options.some(({ long }) => long === '--api');

test('there are commands of both kinds', () => {
  expect(leaves(program).filter(isOperating).length).toBeGreaterThan(5);
  expect(leaves(program).map(([words]) => words)).toContain('audit verify');
});

test.each(leaves(program).filter(isOperating))(
  'keywright %s says what it is for, with an example of itself',
  (words, command) => {
    const help = helpOf(command);

    expect(command.description()).not.toBe('');
    expect(help).toContain(`$ keywright ${words}`);
    expect(help).toContain('--json');
  },
);

/** Reads a command as the program does, and runs nothing. @throws what a mistyped command ends with. */
function parsed(typed: string): void {
  const silent = commandLine(join(__dirname, '../../..'));
  for (const [, command] of leaves(silent)) {
    command.action(() => undefined);
    command.configureOutput({ writeErr: () => undefined });
  }
  const words = typed.match(/"[^"]*"|\S+/g)?.slice(1) ?? [];
  silent.parse(words, { from: 'user' });
}

test.each(leaves(program).filter(isOperating))('keywright %s says how it ends', (_, command) => {
  expect(helpOf(command).replace(/\s+/g, ' ')).toMatch(/Exit code: 0 done, (1 .+, )?2 refused or not reached /);
});

test('an option that has to be given is in the usage line', () => {
  const usage = Object.fromEntries(leaves(program).map(([words, command]) => [words, helpOf(command).split('\n')[0]]));

  expect(usage['ack']).toBe('Usage: keywright ack --note <text> [options] <incident>');
  expect(usage['status']).toBe('Usage: keywright status [options]');
});

test.each(leaves(program))('the help of keywright %s fits 80 columns', (_, command) => {
  expect(
    helpOf(command)
      .split('\n')
      .filter((line) => line.length > 80),
  ).toEqual([]);
});

const bodies = (['customer', 'provider'] as const).flatMap((party) =>
  CAUSES.map((cause) => [`${cause}, ${party}`, pageOf(anIncident({ cause, party }), 'opened', READER).body]),
);
const troubles = TROUBLES.map((trouble) => [trouble, pageOf(anOperatorIncident({ trouble }), 'opened', READER).body]);

test.each([...bodies, ...troubles])('in the page of %s a command is a line of its own, and understood', (_, body) => {
  for (const line of body.split('\n').filter((one) => /(?<!\/)\b(?:keywright|aws) [a-z]/.test(one))) {
    expect(line).toMatch(/^ {12}(?:keywright|aws) .*[^.,:;]$/);
    if (line.includes(' keywright ')) expect(() => parsed(line.trim())).not.toThrow();
  }
});

test('what a page or an explanation tells people to type is understood', async () => {
  const stopped = stoppedPage({ stopId: 'stop-1', at: NOW, kmsKeyArn: anArn(), reason: 'used', revision: 1 }, READER);
  const control = memoryControlStore();
  control.given('incident', anIncident({ followedBy: 'incident-2' }));
  const { commands } = await explainIncident('incident-1', { control });
  const warnings = (Object.keys(WARNINGS) as WarningKind[]).map((kind) =>
    warningPage({ warningId: kind, kind, kmsKeyArn: anArn(), says: 'It was seen.', at: NOW, revision: 1 }, READER, NOW),
  );
  const text = [
    ...warnings.map(({ body }) => body),
    stopped.body,
    pageOf(anIncident(), 'opened', READER).body,
    ...commands,
  ].join('\n');
  const typed = text.match(/keywright .+/g) ?? [];

  expect(typed).toHaveLength(16);
  for (const command of typed) expect(() => parsed(command)).not.toThrow();
  expect(() => parsed('keywright retire undo KEY --step disable')).toThrow();
});
