/** A KMS whose answers a test sets: for what is decided from answers, whatever caused them. */
import { type ErrorCode, type ErrorDetails, KeywrightError } from '../../shared/domain/errors';
import type { DataKeyCrypto, KeyDescription, KeyGrant, KeyObserver } from '../../shared/domain/keys/ports';
import { aMaterial, anArn, OUR_ACCOUNT } from './make';

/** As KMS makes it: the account decides. */
const EVERYTHING = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: OUR_ACCOUNT }, Action: 'kms:*', Resource: '*' }],
};

export interface ScriptedKms {
  readonly crypto: DataKeyCrypto;
  readonly observer: KeyObserver;
  /** What unwrapping answers from now on; a list is used up one by one, its last answer stays. */
  unwrapAnswers(...answers: readonly ('ok' | ErrorCode)[]): void;
  keyStateIs(keyState: string, more?: Partial<KeyDescription>): void;
  denyWith(details: ErrorDetails): void;
  /** What the key's policy is, or the code of the error with which KMS keeps it back. */
  policyIs(policy: object | ErrorCode): void;
  grantsAre(grants: readonly KeyGrant[] | ErrorCode): void;
  /** The account that we are in. */
  readonly ownAccountId: string;
  readonly unwraps: () => number;
}

export function scriptedKms(): ScriptedKms {
  let answers: readonly ('ok' | ErrorCode)[] = ['ok'];
  let details: ErrorDetails = {};
  let unwraps = 0;
  let policy: object | ErrorCode = EVERYTHING;
  let grants: readonly KeyGrant[] | ErrorCode = [];
  let description: KeyDescription = {
    kmsKeyArn: anArn(),
    keyState: 'Enabled',
    keyUsage: 'ENCRYPT_DECRYPT',
    keySpec: 'SYMMETRIC_DEFAULT',
    origin: 'AWS_KMS',
    keyMaterialId: aMaterial(1),
  };
  const wrapping = { kmsKeyArn: anArn(), keyMaterialId: aMaterial(1) };
  const answer = () => {
    const [first = 'ok', ...rest] = answers;
    if (rest.length > 0) answers = rest;
    if (first !== 'ok') throw new KeywrightError(first, `KMS says ${first}.`, details);
  };
  const notAsked = async (): Promise<never> => {
    throw new Error('No test asks this of a scripted KMS.');
  };

  const given = <Answer>(scripted: Answer | ErrorCode): Answer => {
    if (typeof scripted === 'string') throw new KeywrightError(scripted as ErrorCode, `KMS says ${scripted}.`);
    return scripted as Answer;
  };

  return {
    ownAccountId: OUR_ACCOUNT,
    policyIs: (next) => {
      policy = next;
    },
    grantsAre: (next) => {
      grants = next;
    },
    unwrapAnswers: (...next) => {
      answers = next;
    },
    keyStateIs: (keyState, more = {}) => {
      const { deletionDate: _calledOff, ...kept } = description;
      description = { ...kept, keyState, ...more };
    },
    denyWith: (next) => {
      details = next;
    },
    unwraps: () => unwraps,
    crypto: {
      generate: notAsked,
      reencrypt: notAsked,
      generateWrapped: async () => ({ ...wrapping, wrapped: new Uint8Array([7]) }),
      async unwrap() {
        unwraps += 1;
        answer();
        return { ...wrapping, plaintext: new Uint8Array(32) };
      },
    },
    observer: {
      describe: async () => description,
      rotationStatus: notAsked,
      materials: notAsked,
      waitingMaterial: notAsked,
      policy: async () => JSON.stringify(given(policy)),
      grants: async () => given(grants),
      lastUse: notAsked,
    },
  };
}
