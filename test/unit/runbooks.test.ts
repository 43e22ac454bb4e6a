/** Whoever is paged or called by an alarm is told what to do: the runbook is there, and what it tells people to type is understood. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '../../cli/main';
import { TROUBLE, TROUBLES } from '../../shared/domain/availability/incidents/trouble';
import { pageOf } from '../../shared/domain/availability/paging/page-text';
import { stoppedPage, warningPage } from '../../shared/domain/availability/paging/warning-text';
import { CAUSES } from '../../shared/domain/availability/verdict';
import { WARNINGS, type WarningKind } from '../../shared/domain/availability/warnings/early-warning';
import { anArn, anIncident, NOW, READER } from '../support/make';

const ROOT = join(__dirname, '../..');
const FOLDER = join(ROOT, READER.runbooks);
const files = readdirSync(FOLDER).filter((file) => file !== 'README.md');
const textOf = (file: string) => readFileSync(join(FOLDER, file), 'utf8');

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>> & { readonly AlarmDescription: string };
}

const template: { readonly Resources: Readonly<Record<string, Resource>> } = JSON.parse(
  readFileSync(join(ROOT, '.serverless/cloudformation-template-update-stack.json'), 'utf8'),
);
const resources = Object.values(template.Resources);
const alarms = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm');

test.each(CAUSES)('a page about %s names its runbook, which is there', (cause) => {
  const { runbook = 'none', body } = pageOf(anIncident({ cause }), 'opened', READER);

  expect(existsSync(join(ROOT, runbook))).toBe(true);
  expect(runbook).toContain(`/${cause}.md`);
  expect(body).toContain(`Runbook:    ${runbook}`);
});

test.each(TROUBLES)('%s has a runbook', (trouble) => {
  expect(files).toContain(`${TROUBLE[trouble].runbook}.md`);
});

test.each(Object.keys(WARNINGS) as readonly WarningKind[])(
  'a warning of %s names its runbook, which is there',
  (kind) => {
    const warning = { warningId: 'w', kind, kmsKeyArn: anArn(), says: 'It was seen.', at: NOW, revision: 1 };
    const { runbook = 'none' } = warningPage(warning, READER, NOW);

    expect(existsSync(join(ROOT, runbook))).toBe(true);
  },
);

test('a page about a retirement names its runbook, which is there', () => {
  const { runbook = 'none' } = stoppedPage(
    { stopId: 's', at: NOW, kmsKeyArn: anArn(), reason: 'used', revision: 1 },
    READER,
  );

  expect(existsSync(join(ROOT, runbook))).toBe(true);
});

test.each(alarms)('%s names its runbook, which is there', (_id, { Properties }) => {
  const [, runbook = 'none'] = / Runbook: (\S+)$/.exec(Properties.AlarmDescription) ?? [];

  expect(runbook).toMatch(/^docs\/runbooks\/alarm-/);
  expect(existsSync(join(ROOT, runbook))).toBe(true);
  expect(Properties.AlarmDescription.length).toBeLessThanOrEqual(1024);
});

test.each(files)('%s says what it means, who acts, what to check and do, and when it is over', (file) => {
  const text = textOf(file);

  expect(text).toMatch(/^# .+\n\n\*\*What it means\.\*\* .+\n\n\*\*Who acts\.\*\* .+\n\n\*\*Check\.\*\*\n/);
  expect(text).toMatch(/\n```sh\n(aws|keywright) /);
  expect(text).toMatch(/\n\*\*Do\.\*\*\n\n1\. .+[\s\S]*\n\*\*Over when\.\*\* .+\n$/);
  expect(text.split('\n').length).toBeLessThan(50);
  expect(textOf('README.md')).toContain(`](${file})`);
});

test('what runbooks tell people to type is understood', () => {
  const typed = new Set(files.flatMap((file) => textOf(file).match(/keywright [a-z][^`\n]*/g) ?? []));

  expect(typed.size).toBeGreaterThan(10);
  for (const command of typed) expect(() => parsed(command)).not.toThrow();
  expect(() => parsed('keywright channel try NAME')).toThrow();
});

/** What each command names, and of which type it is. */
const NAMES = [
  [/aws logs tail \/aws\/lambda\/([\w-]+)/g, 'AWS::Lambda::Function', 'FunctionName'],
  [/--queue-name ([\w-]+)/g, 'AWS::SQS::Queue', 'QueueName'],
  [/aws scheduler get-schedule --name ([\w-]+)/g, 'AWS::Scheduler::Schedule', 'Name'],
  [/aws events describe-event-bus --name ([\w-]+)/g, 'AWS::Events::EventBus', 'Name'],
] as const;

test.each(NAMES)('what %s of a runbook names is deployed', (pattern, type, property) => {
  const deployed = resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties[property]);
  const named = files.flatMap((file) => [...textOf(file).matchAll(pattern)].map(([, name = '']) => name));
  const known = named.filter((name) => !name.includes('FUNCTION')).map((name) => name.replace('STAGE', 'dev'));

  expect(known.length).toBeGreaterThan(0);
  expect(known.filter((name) => !deployed.includes(name))).toEqual([]);
});

/** Reads a command line and runs nothing. Words in capitals stand for names. */
function parsed(line: string): void {
  const words = (line.match(/"[^"]*"|\S+/g) ?? []).slice(1).map((word) => ({ KIND: 'sns', N: '100' })[word] ?? word);
  const program = commandLine(ROOT);
  let command = program;
  while (true) {
    const next = command.commands.find((one) => one.name() === words[0]);
    if (!next) break;
    words.shift();
    command = next;
  }
  command.action(() => undefined);
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  command.parse(words, { from: 'user' });
}
