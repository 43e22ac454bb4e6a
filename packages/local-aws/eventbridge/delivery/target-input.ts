/**
 * What a target receives: the event as it is, a constant, a part of the event, or a text with parts of it filled in.
 *
 * Source: EventBridge User Guide, "Input transformation". Where a path finds nothing, `null` is sent, and nothing is
 * filled in inside a text: how AWS answers there is not documented and was not confirmed.
 */
import { AwsError, type Json, type JsonObject } from '../../call';
import { instantOf } from '../../clock';
import { readObject } from '../../json-object';
import { own } from '../../own-property';
import type { InputTransformer, Target } from '../rules';

/** What a template may refer to besides the event. */
export interface Circumstances {
  readonly ruleArn: string;
  readonly ruleName: string;
  readonly acceptedAt: number;
}

/**
 * An event as JSON text that a queue takes: U+FFFE and U+FFFF, which a message of SQS may not hold, stand in it as escapes.
 * Whether EventBridge writes them so is not documented and was not confirmed; written plainly, neither the queue nor its
 * dead letters would take the event, and nobody would hear of it.
 */
export const eventText = (event: Json): string =>
  JSON.stringify(event).replace(/[\uFFFE\uFFFF]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);

/** JSON text; a template decides itself whether what it makes is JSON. */
export function inputFor(target: Target, event: JsonObject, circumstances: Circumstances): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return eventText(valueAt(event, target.InputPath) ?? null);
  if (target.InputTransformer !== undefined) return transformed(target.InputTransformer, event, circumstances);
  return eventText(event);
}

function transformed(transformer: InputTransformer, event: JsonObject, circumstances: Circumstances): string {
  const template = transformer.InputTemplate;
  const { detail: _, ...withoutDetail } = event;
  const reserved: Readonly<Record<string, Json>> = {
    'aws.events.rule-arn': circumstances.ruleArn,
    'aws.events.rule-name': circumstances.ruleName,
    'aws.events.event.ingestion-time': instantOf(circumstances.acceptedAt),
    'aws.events.event': withoutDetail,
    'aws.events.event.json': event,
  };
  const paths = transformer.InputPathsMap ?? {};
  return template.replace(/<([^<>]+)>/g, (placeholder, name: string, at: number) => {
    const path = own(paths, name);
    if (path === undefined && !Object.hasOwn(reserved, name)) return placeholder;
    const value = path === undefined ? reserved[name] : valueAt(event, path);
    return isInsideText(template, at) ? textOf(value) : JSON.stringify(value ?? null);
  });
}

function isInsideText(template: string, at: number): boolean {
  const quotationMarks = template.slice(0, at).match(/(?<!\\)"/g) ?? [];
  return quotationMarks.length % 2 === 1;
}

/** As the inside of a JSON string. */
function textOf(value: Json | undefined): string {
  if (value === undefined) return '';
  return JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value)).slice(1, -1);
}

const PATH = /^\$(?:\.[^.[\]]+|\[\d+\]|\['[^']+'\])*$/;
const STEP = /\.([^.[\]]+)|\[(\d+)\]|\['([^']+)'\]/g;

/** `$.detail.items[0]['a.b']`. @returns undefined where there is nothing, or for a path that is none. */
export function valueAt(event: JsonObject, path: string): Json | undefined {
  if (!PATH.test(path)) return undefined;
  let value: Json | undefined = event;
  for (const [, name, index, quoted] of path.matchAll(STEP)) {
    if (typeof value !== 'object' || value === null) return undefined;
    const key: string = name ?? index ?? quoted ?? '';
    value = Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined;
  }
  return value;
}

/** Local functions take JSON objects; AWS would hand over any JSON value. @throws AwsError INVALID_JSON. */
export function readFunctionInput(text: string): JsonObject {
  const value = readObject(text);
  if (value !== undefined) return value;
  throw new AwsError('INVALID_JSON', 'The input for the function is no JSON object.');
}
