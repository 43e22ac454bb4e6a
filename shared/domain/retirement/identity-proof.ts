/**
 * Proof of who asks, for what takes two people: whoever may invoke the function can put any name into an event, but only
 * the holder of credentials can sign. What is signed is a request to STS, GetCallerIdentity, with the hash of what is
 * asked among its signed headers; the function sends it to STS itself, and takes whom STS names.
 */

import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { invalid, KeywrightError } from '../errors';
import { elapsedMs, later, MINUTE_MS } from '../instants';
import type { Clock, ControlStore, Write } from '../ports';
import type { IdentityVerifier } from './ports';
import type { Identity, IdentityProof } from './proven-caller';
import { isOnePerson } from './same-person';

/** Somebody whose identity is proven for one act, by a proof that serves once. */
export interface ProvenCaller extends Identity {
  readonly proofId: string;
}

/** A request as its sender sends it and as AWS says it reached us, so that what is proven is proven for it alone. */
export interface AskedOperation {
  /** The ARN of the function that was invoked: it tells this deployment from every other. */
  readonly functionArn: string;
  readonly operation: string;
  /** The body, to the letter. */
  readonly body: string;
}

/**
 * What is signed, as 64 hex characters: SHA-256 of the function’s ARN, the operation and the body, each on lines of its own.
 * A version or alias at the end of the ARN is left out: it is the same function.
 */
export const statementOf = ({ functionArn, operation, body }: AskedOperation): string =>
  sha256(`${functionArn.split(':').slice(0, 7).join(':')}\n${operation}\n${body}`);

/** For how long before or after the moment of its signature a proof counts. STS itself takes 15 minutes. */
const FRESH_MS = 5 * MINUTE_MS;
const KEPT_MS = 60 * MINUTE_MS;

/** Each part has an alphabet of its own: none can hold a line’s end, or anything else that means something in a header. */
const part = (alphabet: RegExp, what: string) => z.string({ error: what }).check(z.regex(alphabet, what));

const SHAPE = z.strictObject({
  accessKeyId: part(/^[A-Z0-9]{16,128}$/, 'must be an access key id'),
  signedAt: part(/^\d{8}T\d{6}Z$/, 'must be the date of the signature: 20261130T112714Z'),
  signature: part(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex characters'),
  sessionToken: z.optional(part(/^[A-Za-z0-9+/=_-]{1,8192}$/, 'must be the session token of the credentials')),
});

export interface ProofPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly identities: IdentityVerifier;
}

/** The proof that came with a request, as JSON text, and what it has to be signed for. */
export interface Claim {
  readonly proof: string;
  readonly statement: string;
}

/** Who asks, as the event names them, with the proof if one came. */
export interface Caller {
  /** `arn:aws:iam::ID:user/NAME`, or `arn:aws:sts::ID:assumed-role/ROLE/SESSION`. Who is one person: `approval.ts`. */
  readonly principal: string;
  readonly claim?: Claim;
}

/**
 * Who asks, proven. Safe to repeat: what makes the proof serve once is written by `useOf`, with the act.
 *
 * @throws KeywrightError `input.invalid`: there is no proof, or none that can be read; `identity.stale`: sign anew, by a
 *   clock that goes right; `identity.refused`: STS does not take it, names somebody else, or nobody in person; `sts.unreachable` (retry).
 */
export async function provenCaller({ principal, claim }: Caller, ports: ProofPorts): Promise<ProvenCaller> {
  if (!claim)
    throw invalid('proof', 'is missing. This takes two people, so each proves who they are: see docs/retiring.md.');
  const proof = readProof(claim.proof);
  refuseStale(proof, ports.clock.now());
  const identity = await ports.identities.verify(proof, claim.statement);
  if (identity.principal !== principal) {
    throw refused(`it is signed by ${identity.principal}, and the request comes from ${principal}. Sign both as one.`);
  }
  if (!isOnePerson(principal)) {
    throw refused(`nobody can tell which person ${principal} is. Sign as an IAM user, or in a role.`);
  }
  return { ...identity, proofId: sha256(proof.signature) };
}

/**
 * Marks the proof as used, in one change with what it is used for.
 *
 * @throws KeywrightError `identity.refused`: it was used before.
 */
export async function useOf(
  { proofId }: Pick<ProvenCaller, 'proofId'>,
  { control, clock }: Pick<ProofPorts, 'control' | 'clock'>,
): Promise<Write> {
  if (await control.find('used-proof', proofId)) throw refused('it was used before. Sign the request anew.');
  const expiresAt = Math.ceil(Date.parse(later(clock.now(), KEPT_MS)) / 1000);
  return { entityType: 'used-proof', row: { proofId, expiresAt, revision: 0 } };
}

function readProof(text: string): IdentityProof {
  const result = SHAPE.safeParse(jsonOf(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.path.length) throw invalid(['proof', ...issue.path].join('.'), `${issue.message}.`);
  throw invalid(
    'proof',
    'must be a JSON object of accessKeyId, signedAt, signature and, with temporary credentials, sessionToken.',
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refuseStale({ signedAt }: IdentityProof, now: string): void {
  const instant = signedAt.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5');
  // A date that is none is no number of milliseconds away.
  if (Math.abs(elapsedMs(instant, now)) <= FRESH_MS) return;
  const message = `proof: it was signed at ${signedAt}, and here it is ${now}. Sign anew: it counts for five minutes.`;
  throw new KeywrightError('identity.stale', message, { field: 'proof' });
}

/** Refuses a proof of identity. */
export const refused = (problem: string, details: Readonly<Record<string, string>> = {}): KeywrightError =>
  new KeywrightError('identity.refused', `proof: ${problem}`, { field: 'proof', ...details });

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
