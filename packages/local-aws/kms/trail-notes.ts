/**
 * What CloudTrail says of a KMS call, collected while the call runs. Sources: the records of the KMS developer guide's
 * "Understanding AWS KMS log entries" and its list of operations that log the key ARN in the response.
 */
import type { Json, JsonObject, TrailDetails } from '../call';
import { lowerFirst } from './input';
import type { OperationFacts } from './operation-facts';

export interface TrailNotes {
  /** The input as read, defaults filled in; as sent while it has not been read. */
  input: Readonly<Record<string, unknown>>;
  /** ARNs of the keys and aliases that the call touched, in AWS's order. Stays undefined where AWS writes none. */
  resources?: readonly string[];
  additional: Readonly<Record<string, string>>;
  /** Set with the effect of the call, so that a failed one has none. */
  response: JsonObject | null;
}

export function trailNotes(input: JsonObject): TrailNotes {
  return { input, additional: {}, response: null };
}

/** Adds keys or aliases to what the call touched. Each is named once. */
export function touch(notes: TrailNotes, ...arns: readonly string[]): void {
  notes.resources = [...new Set([...(notes.resources ?? []), ...arns])];
}

export function trailDetails(facts: OperationFacts, notes: TrailNotes): TrailDetails {
  return {
    eventSource: 'kms.amazonaws.com',
    readOnly: facts.readOnly,
    requestParameters: requestParameters(facts.logs, notes.input),
    responseElements: notes.response,
    ...(Object.keys(notes.additional).length > 0 ? { additionalEventData: notes.additional } : {}),
    ...(notes.resources ? { resources: notes.resources.map(resourceOf) } : {}),
  };
}

function requestParameters(logs: readonly string[], input: Readonly<Record<string, unknown>>): JsonObject | null {
  const shown = logs.filter((name) => input[name] !== undefined && input[name] !== null);
  return logs.length === 0
    ? null
    : Object.fromEntries(shown.map((name) => [lowerFirst(name), logged(name, input[name] as Json)]));
}

/** AWS logs member names with a small first letter; names inside an encryption context are the caller's own. */
export function logged(name: string, value: Json): Json {
  if (name.includes('EncryptionContext') || typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((member) => logged(name, member));
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) => [
      lowerFirst(member),
      inner === undefined ? inner : logged(member, inner),
    ]),
  );
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function resourceOf(arn: string) {
  return { accountId: arn.split(':')[4] ?? '', type: 'AWS::KMS::Key', ARN: arn };
}

const HUMAN = new Intl.DateTimeFormat('en-US', {
  timeZone: 'UTC',
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
});

/** The form of instants inside `responseElements`: "Oct 21, 2024, 2:25:29 PM", in UTC. */
export function humanInstant(ms: number): string {
  return HUMAN.format(ms).replaceAll('\u202f', ' ');
}
