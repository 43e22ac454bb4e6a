/**
 * Comparing answers with recordings in which whatever differs from run to run was masked.
 *
 * `<name:1>` stands for some text, the same wherever it stands, and not the text of another number; some values are
 * masked as a whole. Fields that were recorded as JSON objects may come as JSON text.
 */
import type { Json } from '../../call';

/** Values that the recorder replaced by a word of its own. */
const MASKED = new Set(['datetime', 'date', 'event-id', 'detail', 'target-arn', 'message-id']);
/** What SQS adds to a message: not of the service under test. */
const NOT_COMPARED = new Set(['MessageId', 'ReceiptHandle', 'MD5OfBody']);
/** What HTTP adds to an answer: compared when the answer has it. */
const HTTP = 'ResponseMetadata';

/** The ways in which an answer differs from a recording; none when it is the same. */
export function differences(recorded: Json | undefined, actual: Json | undefined): readonly string[] {
  return compare({ recorded, actual, path: '' }, new Map());
}

type Bindings = Map<string, string>;
interface Pair {
  readonly recorded: Json | undefined;
  readonly actual: Json | undefined;
  readonly path: string;
}

function compare(pair: Pair, bindings: Bindings): readonly string[] {
  const { recorded, actual, path } = pair;
  const differs = [`${path}: recorded ${JSON.stringify(recorded)}, got ${JSON.stringify(actual)}`];
  if (typeof recorded === 'string') return isSameText(recorded, actual, bindings) ? [] : differs;
  if (typeof recorded !== 'object' || recorded === null) return Object.is(recorded, actual) ? [] : differs;
  if (typeof actual === 'string') return compare({ ...pair, actual: parsed(actual) }, bindings);
  if (typeof actual !== 'object' || actual === null || Array.isArray(recorded) !== Array.isArray(actual))
    return differs;
  const fields = actual as Readonly<Record<string, Json | undefined>>;
  const expected = recorded as Readonly<Record<string, Json | undefined>>;
  const isCompared = (name: string) => !NOT_COMPARED.has(name) && (name !== HTTP || HTTP in fields);
  const names = new Set([...Object.keys(expected), ...Object.keys(fields)]);
  return [...names]
    .filter(isCompared)
    .flatMap((name) => compare({ recorded: expected[name], actual: fields[name], path: `${path}.${name}` }, bindings));
}

function parsed(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}

const PLACEHOLDER = /<{1,2}[\w-]+>?(?::\d+)?>/g;

function isSameText(recorded: string, actual: Json | undefined, bindings: Bindings): boolean {
  if (MASKED.has(recorded)) return actual !== undefined;
  if (typeof actual !== 'string') return false;
  const names = recorded.match(PLACEHOLDER) ?? [];
  const literal = recorded.split(PLACEHOLDER).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const found = new RegExp(`^${literal.join('([^:/ ]+|.+)')}$`, 's').exec(actual);
  return found !== null && names.every((name, index) => isBound(name, found[index + 1] ?? '', bindings));
}

function isBound(name: string, value: string, bindings: Bindings): boolean {
  const known = bindings.get(name);
  if (known !== undefined) return known === value;
  const isNumbered = /:\d+>$/.test(name);
  if (isNumbered && [...bindings].some(([other, text]) => /:\d+>$/.test(other) && text === value)) return false;
  bindings.set(name, value);
  return true;
}
