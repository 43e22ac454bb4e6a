/** What the deployer knows of a type of resource, and what it gives to whoever makes one. */
import type { Json, JsonObject } from '../call';
import type { Iam } from '../contracts';
import type { RestAnswer } from '../door/rest';
import type { Lambda } from '../lambda/engine';

/** A resource as it stands: what `Ref` gives, and what `Fn::GetAtt` gives. */
export interface Made {
  readonly physicalId: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface Kind {
  /**
   * Makes the resource, or brings the one that is there up to date. Safe to repeat: what holds data is never replaced.
   * Properties are resolved already.
   */
  make(properties: JsonObject, context: Context): Promise<Made> | Made;
  /** Takes away what would go on acting once its template no longer names it. Everything else is left where it is. */
  remove?(made: Made, context: Context): Promise<void>;
}

export interface Context {
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** What an earlier deployment made for the same logical id. */
  readonly existing: Made | undefined;
  /** A name for a resource whose template gives none: the same at each deployment. */
  readonly generatedName: string;
  /** Calls an engine as the account's administrator. @throws AwsError */
  call(service: string, operation: string, input: JsonObject): Promise<JsonObject>;
  /** The same for an engine that reads HTTP itself. @throws AwsError */
  http(service: string, request: HttpRequest): Promise<RestAnswer>;
  readonly iam: Iam;
  readonly lambda: Lambda;
  /** Reads a packaged artifact by the last part of its S3 key. */
  artifact(key: string): Uint8Array;
  /** Rows that kinds keep about what they made. */
  readonly notes: Notes;
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Notes {
  get(name: string): JsonObject | undefined;
  set(name: string, note: JsonObject): void;
}

/** The properties of these names that the template states. */
export function picked(
  properties: JsonObject,
  names: readonly string[],
  as: (value: Json) => Json = (value) => value,
): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = properties[name];
      return value === undefined ? [] : [[name, as(value)]];
    }),
  );
}

/** Attributes of queues and topics are text; documents among them are JSON text. */
export function textOf(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
