/**
 * The form of a KMS operation: everything that the engine must know of it is data, and `run` does only what is its own.
 */
import type * as z from 'zod/mini';
import { AwsError, type Call, type JsonObject } from '../call';
import { readInput } from './input';
import type { Kms } from './kms';
import type { OperationFacts } from './operation-facts';
import type { TrailNotes } from './trail-notes';

/** A call on its way through an operation. */
export interface Request<Input = unknown> {
  readonly call: Call;
  readonly operation: OperationFacts;
  readonly input: Input;
  /** What CloudTrail will be told of it, also when it fails half-way. */
  readonly notes: TrailNotes;
}

type Output = JsonObject | undefined;

/** An operation whose input's type is known to nobody but itself. */
export interface Operation extends OperationFacts {
  perform(kms: Kms, call: Call, notes: TrailNotes): Output | Promise<Output>;
}

export function operation<Schema extends z.ZodMiniType>(
  facts: OperationFacts & {
    readonly input: Schema;
    readonly run: (kms: Kms, request: Request<z.output<Schema>>) => Output | Promise<Output>;
  },
): Operation {
  const { input: schema, run, ...operationFacts } = facts;
  return {
    ...operationFacts,
    perform(kms, call, notes) {
      requireNoRecipient(call.input);
      const input = readInput(schema, call.input);
      notes.input = input as Readonly<Record<string, unknown>>;
      return run(kms, { call, operation: operationFacts, input, notes });
    },
  };
}

/** Answering in plaintext what was to be encrypted for an attested enclave would be wrong. */
function requireNoRecipient(input: JsonObject): void {
  if (input['Recipient'] === undefined || input['Recipient'] === null) return;
  throw new AwsError('UnsupportedOperationException', 'Local AWS has no attestation: Recipient cannot be used.');
}
