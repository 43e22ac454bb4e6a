/**
 * The KMS of local AWS: real cryptography, key states, key policies, grants, rotation, quotas and AWS's own errors.
 *
 * Key material lives in the rows of `world.store` and leaves this folder only as ciphertext, signatures, and the
 * plaintext that a caller asked for and may have. A call runs from its checks to its effect without a pause; the few
 * that make RSA keys pause before they save, and the rows they read meanwhile are never overwritten by them.
 */
import { AwsError, type Call, type Engine, type JsonObject, type Outcome, outcomeOf } from '../call';
import type { Buses, EngineDeps, Iam, Ticking, Trail } from '../contracts';
import { own } from '../own-property';
import { grantRepository } from './grants/grant-repository';
import { aliasRepository } from './keys/alias-repository';
import { dueAt, live } from './keys/key-life';
import { keyRepository } from './keys/key-repository';
import type { KmsKey } from './keys/kms-key';
import { usageRepository } from './keys/usage-repository';
import type { Delays, Kms } from './kms';
import type { Operation } from './operation';
import { OPERATIONS } from './operations';
import { type QuotaOptions, requestQuotas } from './quotas';
import { type TrailNotes, trailDetails, trailNotes } from './trail-notes';
import { resolveKey } from './use-key';

export interface KmsOptions {
  /** AWS's request quotas when left out. */
  readonly quotas?: QuotaOptions;
  readonly delays?: Partial<Delays>;
}

const DELAYS: Delays = { onDemandRotationMs: 500, replicationMs: 500, grantMs: 0 };

export function kmsEngine(
  world: EngineDeps,
  parts: { readonly iam: Iam; readonly trail: Trail; readonly buses: Buses },
  options: KmsOptions = {},
): Engine & Ticking {
  const kms = kmsOf(world, parts, options);
  const quotas = requestQuotas(world.clock, options.quotas);

  return {
    service: 'kms',
    handle(call) {
      const operation = own(OPERATIONS, call.operation);
      if (!operation) return { error: new AwsError('UnknownOperationException', '') };
      const notes = trailNotes(call.input);
      const ended = (outcome: Outcome): Outcome => ({ ...outcome, trail: trailDetails(operation, notes) });
      const done = (output: JsonObject | undefined): Outcome => {
        recordUse(kms, call, operation, notes);
        return output ? { output } : {};
      };
      try {
        quotas.take(call, operation, keyNamedBy(kms, call, operation)?.spec);
        const output = operation.perform(kms, call, notes);
        if (output instanceof Promise) return outcomeOf(async () => done(await output)).then(ended);
        return ended(done(output));
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return ended({ error });
      }
    },
    tick() {
      for (const key of kms.keys.due(world.clock.now())) live(kms, key);
      kms.usage.flush();
    },
  };
}

function kmsOf(world: EngineDeps, parts: { iam: Iam; trail: Trail; buses: Buses }, options: KmsOptions): Kms {
  const { store, clock } = world;
  return {
    ...parts,
    store,
    clock,
    keys: keyRepository(store, dueAt),
    aliases: aliasRepository(store),
    grants: grantRepository(store),
    usage: usageRepository(store, clock),
    imports: store.table('kms-imports'),
    delays: { ...DELAYS, ...options.delays },
  };
}

/** The key that decides which quota a request counts against; none when the request names none that exists. */
function keyNamedBy(kms: Kms, call: Call, operation: Operation): KmsKey | undefined {
  const keyId = call.input['KeyId'] ?? call.input['SourceKeyId'];
  if (operation.quota !== 'cryptographic' || typeof keyId !== 'string') return undefined;
  try {
    return resolveKey(kms, call, keyId, true);
  } catch {
    return undefined;
  }
}

/** Successful cryptographic operations count as the last use of each of their keys. */
function recordUse(kms: Kms, call: Call, operation: Operation, notes: TrailNotes): void {
  if (operation.quota === 'own') return;
  const usage = { operation: call.operation, atMs: kms.clock.now(), requestId: call.requestId };
  for (const arn of notes.resources ?? []) kms.usage.record(arn, usage);
}
