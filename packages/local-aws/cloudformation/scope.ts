/** What the names in a template stand for while it is carried out. */
import type { Json } from '../call';
import type { Made } from './kind';
import { resolve, type Scope, TemplateError } from './resolve';
import type { Template } from './template';

export interface TemplateScope extends Scope {
  /** Whether the condition of a resource or an output holds; it holds when there is none. */
  isWanted(conditional: { readonly Condition?: string } | undefined): boolean;
}

export function scopeOf(
  template: Template,
  options: {
    readonly accountId: string;
    readonly region: string;
    readonly stackName: string;
    readonly parameters?: Readonly<Record<string, string>>;
  },
  made: ReadonlyMap<string, Made>,
): TemplateScope {
  const { accountId, region, stackName } = options;
  const pseudo: Readonly<Record<string, Json | undefined>> = {
    'AWS::AccountId': accountId,
    'AWS::NotificationARNs': [],
    'AWS::NoValue': undefined,
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };

  const parameter = (name: string): Json | undefined => {
    const declared = template.Parameters?.[name];
    if (declared === undefined) return undefined;
    const value = options.parameters?.[name] ?? declared.Default;
    if (value === undefined) throw new TemplateError(`The parameter ${name} has no value and no default.`);
    return value;
  };

  const scope: TemplateScope = {
    region,
    ref(name) {
      if (name in pseudo) return pseudo[name];
      const value = parameter(name) ?? made.get(name)?.physicalId;
      if (value !== undefined) return value;
      throw new TemplateError(`Ref: there is no parameter or resource ${name}.`);
    },
    attribute(logicalId, name) {
      const value = made.get(logicalId)?.attributes?.[name];
      if (value !== undefined) return value;
      throw new TemplateError(`Fn::GetAtt: ${logicalId} has no attribute ${name}.`);
    },
    condition(name) {
      const condition = template.Conditions?.[name];
      if (condition === undefined) throw new TemplateError(`There is no condition ${name}.`);
      return resolve(condition, scope) === true;
    },
    mapping(name, first, second) {
      const row = template.Mappings?.[name]?.[first] as { readonly [key: string]: Json } | undefined;
      const value = row?.[second];
      if (value !== undefined) return value;
      throw new TemplateError(`Fn::FindInMap: ${name} has no ${first}.${second}.`);
    },
    isWanted: (conditional) => conditional?.Condition === undefined || scope.condition(conditional.Condition),
  };
  return scope;
}
