/**
 * What one policy says to one request, and by which statement. An explicit deny wins; what no statement allows is refused.
 * Where it depends on what we cannot know of the request, the answer is that it is not known.
 * Source: IAM User Guide, "Policy evaluation logic".
 */
import { isMet } from './conditions';
import type { Policy, Statement } from './document';
import { type Context, matches, type Reading } from './pattern';
import { type Caller, isAbout } from './principals';
import { allOf, anyOf, notOf, type Truth } from './three-valued-logic';

export interface PolicyRequest {
  /** `kms:Decrypt` */
  readonly action: string;
  readonly resource: string;
  readonly caller: Caller;
  readonly context: Context;
}

/** Not `isExplicit`: no statement allows it, and the one named is the nearest that might have. */
export interface Refused {
  readonly effect: 'refused';
  readonly isExplicit: boolean;
  readonly statement?: string;
  /** A statement that may deny it as well. */
  readonly maybeDenied?: string;
}

export type Decision =
  | { readonly effect: 'allowed'; readonly statement: string }
  | Refused
  | { readonly effect: 'unknown'; readonly statement: string };

/** Decides by one policy alone. Costs at most the policy's length for each value of the request. */
export function decide({ statements, hasVariables }: Policy, request: PolicyRequest): Decision {
  const judged = statements.map((statement) => ({ ...statement, covers: coverOf(statement, request, hasVariables) }));
  const first = (wanted: Statement['effect'], truth: Truth) =>
    judged.find(({ effect, covers }) => effect === wanted && covers === truth)?.name;

  const denied = first('Deny', true);
  if (denied !== undefined) return { effect: 'refused', isExplicit: true, statement: denied };
  const allowed = first('Allow', true);
  const maybeAllowed = first('Allow', undefined);
  const maybeDenied = first('Deny', undefined);
  if (allowed === undefined && maybeAllowed === undefined) {
    return { ...noneAllows(statements, request), ...(maybeDenied !== undefined && { maybeDenied }) };
  }
  const doubtful = maybeDenied ?? (allowed === undefined ? maybeAllowed : undefined);
  return doubtful === undefined
    ? { effect: 'allowed', statement: allowed ?? '' }
    : { effect: 'unknown', statement: doubtful };
}

function coverOf(statement: Statement, request: PolicyRequest, hasVariables: boolean): Truth {
  const { principals, resources, conditions } = statement;
  const { context, resource, caller } = request;
  const variables = hasVariables ? context : undefined;
  return allOf([
    isAbout(principals, caller),
    namesAction(statement, request),
    resources === undefined || isListed(resources, resource, { wildcards: true, variables }),
    ...conditions.map((condition) => isMet(condition, context, hasVariables)),
  ]);
}

const namesAction = ({ actions }: Statement, { action }: PolicyRequest): Truth =>
  isListed(actions, action, { wildcards: true, ignoreCase: true });

function isListed({ names, isExcept }: Statement['actions'], text: string, reading: Reading): Truth {
  const isNamed = anyOf(names.map((name) => matches(name, text, reading)));
  return isExcept ? notOf(isNamed) : isNamed;
}

/** The nearest statement is one for the caller and the action whose condition is not met, else one for the caller. */
function noneAllows(statements: readonly Statement[], request: PolicyRequest): Refused {
  const forCaller = statements.filter(
    ({ effect, principals }) => effect === 'Allow' && isAbout(principals, request.caller) !== false,
  );
  const nearest = forCaller.find((statement) => namesAction(statement, request)) ?? forCaller[0];
  return { effect: 'refused', isExplicit: false, ...(nearest && { statement: nearest.name }) };
}
