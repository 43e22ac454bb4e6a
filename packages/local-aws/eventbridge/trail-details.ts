/** What CloudTrail records of EventBridge's management calls. */
import type { Call, Json, JsonObject, TrailDetails } from '../call';

/**
 * Names begin in lower case, as in AWS's sample records of other services; a call that changed nothing has no response.
 * The exact spelling of nested names was not confirmed by a record of EventBridge itself.
 */
export function trailDetails(call: Call, readOnly: boolean, output: JsonObject | null): TrailDetails {
  const responds = !readOnly && output !== null && Object.keys(output).length > 0;
  return {
    eventSource: 'events.amazonaws.com',
    readOnly,
    requestParameters: Object.keys(call.input).length === 0 ? null : lowered(call.input),
    responseElements: responds ? lowered(output) : null,
  };
}

function lowered(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name.charAt(0).toLowerCase() + name.slice(1), inside(field)]),
  );
}

function inside(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((element: Json) => inside(element) ?? null);
  return typeof value === 'object' && value !== null ? lowered(value as JsonObject) : value;
}
