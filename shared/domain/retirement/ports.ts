/** What retirement needs to know who asks for it. */
import type { Identity, IdentityProof } from './proven-caller';

export interface IdentityVerifier {
  /**
   * Who signed this statement, as AWS tells it. Changes nothing; safe to repeat.
   *
   * @param statement 64 hex characters.
   * @throws KeywrightError `identity.refused`: nobody whom AWS knows has signed it so; `sts.unreachable` (retry).
   */
  verify(proof: IdentityProof, statement: string): Promise<Identity>;
}
