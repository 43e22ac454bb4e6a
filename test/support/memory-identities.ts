/** Who signed what, in memory: signatures that only the holder of a secret makes, and people who hold one. */

import { createHash } from 'node:crypto';
import { type Caller, type ProvenCaller, refused } from '../../shared/domain/retirement/identity-proof';
import type { IdentityVerifier } from '../../shared/domain/retirement/ports';
import type { Identity, IdentityProof } from '../../shared/domain/retirement/proven-caller';

/** Credentials of whoever is named. */
export interface MemorySigner {
  sign(statement: string, signedAt: string): IdentityProof;
}

export interface MemoryIdentities extends IdentityVerifier {
  /** New credentials of a principal; temporary ones have a session token. */
  signerOf(principal: string, options?: { readonly temporary?: boolean }): MemorySigner;
}

interface Holder extends Identity {
  readonly secret: string;
  readonly sessionToken?: string;
}

export function memoryIdentities(): MemoryIdentities {
  const holders = new Map<string, Holder>();
  return {
    signerOf(principal, { temporary = false } = {}) {
      const accessKeyId = `AKIA${String(holders.size).padStart(16, '0')}`;
      const sessionToken = temporary ? { sessionToken: `token${holders.size}` } : {};
      const holder = { principal, userId: userIdOf(principal), secret: `secret of ${accessKeyId}`, ...sessionToken };
      holders.set(accessKeyId, holder);
      return {
        sign: (statement, signedAt) => ({
          accessKeyId,
          signedAt,
          signature: signatureOf(holder, signedAt, statement),
          ...sessionToken,
        }),
      };
    },
    async verify({ accessKeyId, signedAt, signature, sessionToken }, statement) {
      const holder = holders.get(accessKeyId);
      if (holder?.sessionToken === sessionToken && holder && signature === signatureOf(holder, signedAt, statement))
        return { principal: holder.principal, userId: holder.userId };
      throw refused('STS does not take the signature.');
    },
  };
}

const signatureOf = ({ secret }: Holder, signedAt: string, statement: string): string =>
  createHash('sha256').update(`${secret}\n${signedAt}\n${statement}`).digest('hex');

/** Of a user one of their own, of a session the role’s. */
export function userIdOf(principal: string): string {
  const [kind, name, session] = principal.split(':').at(-1)?.split('/') ?? [];
  return kind === 'assumed-role' ? `AROA${name}:${session}` : `AIDA${principal.split('/').at(-1)}`;
}

let proofs = 0;

/** Somebody who has proven who they are, by a proof that nobody used yet. */
export function proven(principal: string): ProvenCaller {
  proofs += 1;
  return { principal, userId: userIdOf(principal), proofId: `proof-${proofs}` };
}

const STATEMENT = 'ab'.repeat(32);

/** Somebody who brings a good proof, signed at the given instant, with whatever they ask. */
export function claiming(principal: string, identities: MemoryIdentities, now: string): Caller {
  const signedAt = now.replace(/[-:]|\.\d+/g, '');
  return {
    principal,
    claim: { statement: STATEMENT, proof: JSON.stringify(identities.signerOf(principal).sign(STATEMENT, signedAt)) },
  };
}
