import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AwsError, type Json, type JsonObject } from 'local-aws/call';
import { compilePattern } from 'local-aws/eventbridge/patterns/pattern';

const FOLDER = resolve(__dirname, '../../../shared/data/eventbridge-patterns');

interface ServiceCase {
  readonly name: string;
  readonly expected: boolean | 'invalid';
  readonly awsErrorMessage: string | null;
  readonly eventPattern: Json;
  readonly event: JsonObject;
}
interface MatchCase {
  readonly test: string;
  readonly rule: string;
  readonly event: string;
  readonly match: boolean;
}
interface ValidityCase {
  readonly test: string;
  readonly rule: string;
  readonly valid: boolean;
  readonly error: string | null;
}

function readLines<Case>(file: string): readonly Case[] {
  return readFileSync(resolve(FOLDER, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Case);
}

/** The recorder wrote patterns with Python's json module, and places in refusals count its spaces. */
function pythonJson(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${pythonJson(field)}`);
  return `{${fields.join(', ')}}`;
}

const refusalOf = (pattern: string): string | undefined => {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'InvalidEventPatternException') return error.message;
    throw error;
  }
};

/** The recordings hide the Region and the partition; so must what they are compared with. */
const masked = (message: string) =>
  message.replaceAll('arn:aws:', 'arn:<partition>:').replaceAll('us-east-1', '<region>');

const AGREED = { ran: 0, passed: 0 };
const check = (actual: unknown, expected: unknown, describe: string): string[] => {
  AGREED.ran += 1;
  if (actual === expected) {
    AGREED.passed += 1;
    return [];
  }
  return [`${describe}\n  expected ${String(expected)}\n  actual   ${String(actual)}`];
};

afterAll(() => {
  console.log(`recorded event patterns: ${AGREED.ran} cases ran, ${AGREED.passed} passed, 0 out of scope`);
});

it('gives the verdict and the refusal text of TestEventPattern', () => {
  const cases = JSON.parse(
    readFileSync(resolve(FOLDER, 'aws-recorded-testeventpattern.json'), 'utf8'),
  ) as readonly ServiceCase[];

  const differences = cases.flatMap(({ name, expected, eventPattern, event, awsErrorMessage }) => {
    const text = pythonJson(eventPattern);
    const refusal = refusalOf(text);
    if (expected === 'invalid') return check(masked(refusal ?? 'valid'), awsErrorMessage, name);
    return check(refusal ?? compilePattern(text).matches(event), expected, name);
  });

  expect(cases).toHaveLength(78);
  expect(differences).toEqual([]);
});

it('matches what event-ruler matches', () => {
  const cases = readLines<MatchCase>('event-ruler-recorded-matches.jsonl');

  const differences = cases.flatMap(({ test, rule, event, match }) =>
    check(compilePattern(rule).matches(JSON.parse(event) as JsonObject), match, `${test}\n${rule}\n${event}`),
  );

  expect(cases).toHaveLength(332);
  expect(differences).toEqual([]);
});

it('accepts and refuses the patterns that event-ruler accepts and refuses, for the same reason', () => {
  const cases = readLines<ValidityCase>('event-ruler-recorded-validity.jsonl');

  const differences = cases.flatMap(({ test, rule, valid, error }) => {
    const refusal = refusalOf(rule)?.replace('Event pattern is not valid. Reason: ', '');
    return check(refusal, valid ? undefined : (error ?? undefined), `${test} ${rule}`);
  });

  expect(cases).toHaveLength(70);
  expect(differences).toEqual([]);
});
