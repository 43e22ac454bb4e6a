/**
 * Compares an answer with one that localstack's tests recorded from AWS.
 *
 * A recording has placeholders where AWS's answer varies: `<uuid:1>`, `<receipt-handle:2>`, `<region>`, `timestamp`. The
 * same placeholder must stand for the same text throughout a case; `timestamp` stands for anything. JSON inside a text was
 * recorded as JSON.
 */
export type Recorded = null | boolean | number | string | readonly Recorded[] | { readonly [name: string]: Recorded };

/** Fields that say nothing about the answer: HTTP's, and what botocore adds to some errors. */
const IGNORED = ['HTTPHeaders', 'Detail', 'message'];

export function differences(
  actual: unknown,
  recorded: Recorded,
  bound = new Map<string, string>(),
  path = '',
): string[] {
  if (typeof recorded === 'string') return textDifferences(actual, recorded, bound, path);
  const value = typeof actual === 'string' && typeof recorded === 'object' ? parsed(actual) : actual;
  if (typeof recorded !== 'object' || recorded === null || typeof value !== 'object' || value === null) {
    return value === recorded ? [] : [`${path}: ${JSON.stringify(value)} instead of ${JSON.stringify(recorded)}`];
  }
  const theirs = fieldsOf(recorded);
  const ours = fieldsOf(value);
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])];
  return names.flatMap((name) => {
    const at = `${path}.${name}`;
    if (!(name in theirs)) return [`${at}: ${JSON.stringify(ours[name])}, which AWS does not answer`];
    return differences(ours[name], theirs[name] as Recorded, bound, at);
  });
}

function fieldsOf(value: object): Record<string, unknown> {
  const isMeant = ([name, field]: [string, unknown]) => field !== undefined && !IGNORED.includes(name);
  return Object.fromEntries(Object.entries(value).filter(isMeant));
}

function textDifferences(actual: unknown, recorded: string, bound: Map<string, string>, path: string): string[] {
  if (recorded === 'timestamp') return actual === undefined ? [`${path} is missing`] : [];
  const names: string[] = [];
  const pattern = recorded.replace(/<[a-z-]+(?::\d+)?>|[\\^$.*+?()[\]{}|]/g, (part) => {
    if (!part.startsWith('<')) return `\\${part}`;
    names.push(part);
    return '(.+?)';
  });
  const match = new RegExp(`^${pattern}$`, 's').exec(String(actual));
  if (match === null) return [`${path}: ${JSON.stringify(actual)} instead of ${JSON.stringify(recorded)}`];
  return names.flatMap((name, index) => {
    const text = match[index + 1] ?? '';
    const known = bound.get(name) ?? text;
    bound.set(name, known);
    return known === text ? [] : [`${path}: ${name} is ${text} here and was ${known}`];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
