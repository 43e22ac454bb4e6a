/**
 * The text patterns of IAM policies: `*` and `?` as wildcards, and policy variables such as `${aws:PrincipalAccount}`.
 *
 * What a variable stands for is compared literally, so a value holding `*` never widens a policy.
 * Source: IAM User Guide, "IAM policy elements: Variables and tags" and "Resource" (wildcards).
 */

/** The values of a condition key of the request, its name in lower case; undefined when the request has no such key. */
export type Context = (key: string) => readonly string[] | undefined;

export type Pattern = (text: string, context: Context) => boolean;

interface Options {
  readonly wildcards: boolean;
  readonly ignoreCase?: boolean;
}

const PARTS = /\$\{([^}]*)\}|\*|\?|[^*?$]+|\$/g;

export function pattern(source: string, options: Options): Pattern {
  const parts = [...source.matchAll(PARTS)];
  const flags = options.ignoreCase ? 'is' : 's';
  const expressionFor = (context: Context) => {
    const pieces = parts.map(([text, variable]) =>
      variable === undefined ? plainPiece(text, options.wildcards) : variablePiece(variable, context),
    );
    return pieces.includes(undefined) ? undefined : new RegExp(`^${pieces.join('')}$`, flags);
  };

  if (parts.some(([, variable]) => variable !== undefined)) {
    return (text, context) => expressionFor(context)?.test(text) ?? false;
  }
  const fixed = expressionFor(() => undefined);
  return (text) => fixed?.test(text) ?? false;
}

function plainPiece(text: string, wildcards: boolean): string {
  if (wildcards && text === '*') return '.*';
  if (wildcards && text === '?') return '.';
  return escaped(text);
}

/** `${*}`, `${?}` and `${$}` stand for themselves; `${key, 'default'}` has a value for a request without the key. */
function variablePiece(variable: string, context: Context): string | undefined {
  if (variable === '*' || variable === '?' || variable === '$') return escaped(variable);
  const [, key = '', fallback] = /^\s*([^,]*?)\s*(?:,\s*'(.*)')?\s*$/s.exec(variable) ?? [];
  const values = context(key.toLowerCase()) ?? [];
  const value = values.length === 1 ? values[0] : fallback;
  return value === undefined ? undefined : escaped(value);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
