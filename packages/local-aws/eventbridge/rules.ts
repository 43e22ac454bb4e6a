/**
 * Rules and their targets, kept compiled by bus: an event asks only the rules of the bus it is on.
 */
import type { JsonObject } from '../call';
import { readRuleSchedule, type Schedule } from '../scheduler/expression';
import type { Store } from '../store';
import type { Bus } from './buses';
import { ruleArn } from './names';
import { compilePattern, type EventPattern } from './patterns/pattern';

/** `WIDE` rules also receive CloudTrail's read-only management events. Source: RuleState in the SDK. */
export const WIDE = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
export type RuleState = 'ENABLED' | 'DISABLED' | typeof WIDE;

/** A target as PutTargets gave it; the parts that delivery reads are typed. */
export type Target = JsonObject & {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: InputTransformer;
  readonly SqsParameters?: { readonly MessageGroupId: string };
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
  readonly DeadLetterConfig?: { readonly Arn?: string };
};

export interface InputTransformer {
  readonly InputPathsMap?: Readonly<Record<string, string>>;
  readonly InputTemplate: string;
}

export interface Rule {
  readonly arn: string;
  readonly name: string;
  readonly busArn: string;
  readonly busName: string;
  readonly state: RuleState;
  readonly pattern?: string;
  readonly schedule?: string;
  readonly description?: string;
  readonly roleArn?: string;
  readonly createdBy: string;
  /** From when a rate counts. */
  readonly scheduledFrom: number;
  readonly targets: readonly Target[];
}

export interface CompiledRule {
  readonly rule: Rule;
  readonly pattern: EventPattern | undefined;
  readonly schedule: Schedule | undefined;
}

export interface RuleBook {
  find(bus: Bus, name: string): Rule | undefined;
  byArn(arn: string): CompiledRule | undefined;
  /** @throws AwsError when pattern or schedule are not valid; then nothing was changed. */
  put(rule: Rule): CompiledRule;
  remove(arn: string): void;
  onBus(busArn: string): readonly CompiledRule[];
}

export function ruleBook(store: Store): RuleBook {
  const rows = store.table<Rule>('events.rules');
  const byArn = new Map<string, CompiledRule>();
  const byBus = new Map<string, readonly CompiledRule[]>();

  const forget = (arn: string) => {
    const known = byArn.get(arn)?.rule;
    if (known === undefined) return;
    byArn.delete(arn);
    byBus.set(
      known.busArn,
      onBus(known.busArn).filter(({ rule }) => rule.arn !== arn),
    );
  };
  const remember = (compiled: CompiledRule) => {
    const { rule } = compiled;
    forget(rule.arn);
    byArn.set(rule.arn, compiled);
    byBus.set(rule.busArn, [...onBus(rule.busArn), compiled]);
  };
  const onBus = (arn: string) => byBus.get(arn) ?? [];
  for (const rule of rows.values()) remember(compile(rule));

  return {
    find: (bus, name) => byArn.get(ruleArn(bus, name))?.rule,
    byArn: (arn) => byArn.get(arn),
    put(rule) {
      const compiled = compile(rule, byArn.get(rule.arn));
      rows.set(rule.arn, rule);
      remember(compiled);
      return compiled;
    },
    remove(arn) {
      rows.delete(arn);
      forget(arn);
    },
    onBus,
  };
}

/** What did not change is not compiled again. */
function compile(rule: Rule, known?: CompiledRule): CompiledRule {
  if (known && known.rule.pattern === rule.pattern && known.rule.schedule === rule.schedule) return { ...known, rule };
  return {
    rule,
    pattern: rule.pattern === undefined ? undefined : compilePattern(rule.pattern),
    schedule: rule.schedule === undefined ? undefined : readRuleSchedule(rule.schedule),
  };
}
