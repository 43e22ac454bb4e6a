/**
 * Evaluates one policy document. An explicit deny wins over every allow in it.
 * Source: IAM User Guide, "Policy evaluation logic" and "IAM JSON policy element reference" (version 2012-10-17).
 */
import { AwsError, type JsonObject, type Principal } from '../call';
import type { Effect, PolicyDocument } from '../contracts';
import { compileConditions } from './conditions';
import { type Context, type Pattern, pattern } from './pattern';
import { type NamedBy, namedBy } from './principals';

export interface PolicyRequest {
  readonly action: string;
  readonly resource: string;
  readonly caller: Principal;
  readonly context: Context;
}

interface Statement {
  readonly effect: 'allow' | 'deny';
  readonly names: (caller: Principal) => NamedBy;
  readonly covers: (request: PolicyRequest) => boolean;
}

export function identityPolicyEffect(policy: PolicyDocument, request: PolicyRequest): Effect {
  const covering = compiled(policy).filter((statement) => statement.covers(request));
  if (covering.some(({ effect }) => effect === 'deny')) return 'deny';
  return covering.length > 0 ? 'allow' : 'none';
}

/** `via` says whether an allow names the caller itself, or leaves the choice to the IAM policies of its account. */
export function resourcePolicyEffect(
  policy: PolicyDocument,
  request: PolicyRequest,
): { readonly effect: Effect; readonly via: 'principal' | 'account' } {
  const covering = compiled(policy).filter(({ names, covers }) => names(request.caller) && covers(request));
  if (covering.some(({ effect }) => effect === 'deny')) return { effect: 'deny', via: 'principal' };
  if (covering.length === 0) return { effect: 'none', via: 'principal' };
  const isNamed = covering.some(({ names }) => names(request.caller) === 'principal');
  return { effect: 'allow', via: isNamed ? 'principal' : 'account' };
}

/** What is wrong with a policy document; undefined when it can be evaluated. */
export function policyFault(policy: PolicyDocument): string | undefined {
  try {
    compiled(policy);
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return error.message;
    throw error;
  }
}

/** Documents are plain values that nobody changes, so each is read once. */
const COMPILED = new WeakMap<PolicyDocument, readonly Statement[]>();

function compiled(policy: PolicyDocument): readonly Statement[] {
  const known = COMPILED.get(policy);
  if (known) return known;
  const written = Array.isArray(policy.Statement) ? policy.Statement : [policy.Statement];
  const statements = written.map((statement, index) => compileStatement(statement as JsonObject, index + 1));
  COMPILED.set(policy, statements);
  return statements;
}

function compileStatement(statement: JsonObject, position: number): Statement {
  const malformed = (text: string) => new AwsError('MalformedPolicyDocument', `Statement ${position}: ${text}`);
  if (typeof statement !== 'object' || statement === null) throw malformed('a statement must be an object.');
  const { Effect, Principal, NotPrincipal, Condition } = statement;
  if (Effect !== 'Allow' && Effect !== 'Deny') throw malformed('Effect must be Allow or Deny.');

  const action = listOf(statement, 'Action', { wildcards: true, ignoreCase: true });
  if (action === undefined) throw malformed('Action or NotAction is missing.');
  const resource = listOf(statement, 'Resource', { wildcards: true });
  const conditions = compileConditions((Condition ?? {}) as JsonObject);

  return {
    effect: Effect === 'Allow' ? 'allow' : 'deny',
    names: (caller) =>
      NotPrincipal === undefined
        ? namedBy(Principal, caller)
        : namedBy(NotPrincipal, caller) === undefined
          ? 'principal'
          : undefined,
    covers: (request) =>
      action(request.action, request.context) &&
      (resource?.(request.resource, request.context) ?? true) &&
      conditions(request.context),
  };
}

/** `Action` or `NotAction`, `Resource` or `NotResource`: one test of either; undefined when the statement has neither. */
function listOf(statement: JsonObject, name: string, options: Parameters<typeof pattern>[1]): Pattern | undefined {
  const listed = statement[name] ?? statement[`Not${name}`];
  if (listed === undefined) return undefined;
  const patterns = (Array.isArray(listed) ? listed : [listed]).map((source) => pattern(String(source), options));
  const wanted = statement[name] !== undefined;
  return (text, context) => patterns.some((matches) => matches(text, context)) === wanted;
}
