/** Who somebody is, and what they prove it with. */

/** All that a signed request adds to what the function knows by itself: the function makes the request anew from it. */
export interface IdentityProof {
  readonly accessKeyId: string;
  /** `X-Amz-Date`: `20261130T112714Z` */
  readonly signedAt: string;
  /** 64 hex characters, in lower case. */
  readonly signature: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
}

/** Who signed, as STS tells it. */
export interface Identity {
  /** `arn:aws:iam::ID:user/NAME`, or `arn:aws:sts::ID:assumed-role/ROLE/SESSION`. */
  readonly principal: string;
  /** `AIDA…` of a user, `AROA…:SESSION` of a role: what stays when somebody is given another name. */
  readonly userId: string;
}

/** What a proof was used for is written with the act itself, and kept for longer than the proof is fresh. */
export interface UsedProof {
  readonly proofId: string;
  /** Epoch seconds: DynamoDB removes the row some time after. */
  readonly expiresAt: number;
  readonly revision: number;
}
