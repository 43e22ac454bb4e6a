/**
 * The form of a KMS operation: everything that the engine must know of it is data, and `run` does only what is its own.
 */
import type * as z from 'zod/mini';
import { AwsError, type Call, type JsonObject } from '../call';
import { readInput } from './input';
import type { StateRow } from './key-states';
import type { Kms } from './kms';
import type { TrailNotes } from './trail-notes';

/** A call on its way through an operation. */
export interface Request<Input = unknown> {
  readonly call: Call;
  readonly operation: OperationFacts;
  readonly input: Input;
  /** What CloudTrail will be told of it, also when it fails half-way. */
  readonly notes: TrailNotes;
}

export interface OperationFacts {
  readonly readOnly: boolean;
  /** Which requests share one quota: `own`, or by the family of the key or key pair. Source: requests-per-second. */
  readonly quota: 'own' | 'cryptographic' | 'data-key-pair';
  /** The row of the key-state table for the key that the call names. */
  readonly state?: StateRow;
  /** Another account's principals may call it. Source: "Cross-account use" of each operation in the SDK. */
  readonly crossAccount?: boolean;
  /** `KeyId` may be an alias name or alias ARN. Source: the `KeyId` text of each operation in the SDK. */
  readonly alias?: boolean;
  /** Input fields that CloudTrail shows; never plaintext, ciphertext, messages, signatures or tokens. */
  readonly logs: readonly string[];
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
