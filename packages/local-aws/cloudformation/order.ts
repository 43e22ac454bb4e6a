/** The order in which resources can be made: each after everything it refers to. */
import type { Json } from '../call';
import { isObject } from '../json-object';
import { TemplateError } from './resolve';
import { attributeReference, intrinsicOf, SUB_NAME, type Template, type TemplateResource } from './template';

/** Logical ids of the template's resources, dependencies first, otherwise as they are written. */
export function inOrder(resources: Template['Resources']): readonly string[] {
  const done = new Set<string>();
  const visit = (logicalId: string, path: readonly string[]) => {
    if (done.has(logicalId)) return;
    if (path.includes(logicalId))
      throw new TemplateError(`Resources depend on each other in a circle: ${[...path, logicalId].join(' -> ')}.`);
    const resource = resources[logicalId];
    if (resource === undefined) return;
    for (const dependency of dependenciesOf(resource)) visit(dependency, [...path, logicalId]);
    done.add(logicalId);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId, []);
  return [...done];
}

function dependenciesOf({ DependsOn = [], Properties }: TemplateResource): ReadonlySet<string> {
  return new Set([...(typeof DependsOn === 'string' ? [DependsOn] : DependsOn), ...referencesIn(Properties)]);
}

/** Every name that a value refers to, pseudo parameters and parameters included. */
function referencesIn(value: Json | undefined): readonly string[] {
  const [intrinsic, argument = null] = intrinsicOf(value) ?? [];
  if (intrinsic === 'Ref') return [String(argument)];
  if (intrinsic === 'Fn::GetAtt') return [attributeReference(argument)[0]];
  if (intrinsic === 'Fn::Sub')
    return [...namesInText(argument), ...(Array.isArray(argument) ? referencesIn(argument[1]) : [])];
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  return isObject(value) ? Object.values(value).flatMap(referencesIn) : [];
}

function namesInText(argument: Json): readonly string[] {
  const text = String(Array.isArray(argument) ? argument[0] : argument);
  return [...text.matchAll(SUB_NAME)].map(([, name = '']) => name.trim().split('.')[0] ?? '');
}
