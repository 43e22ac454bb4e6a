/** A KMS whose answers a test sets: for what is decided from answers, whatever caused them. */
import { type ErrorCode, type ErrorDetails, KeywrightError } from '../../shared/domain/errors';
import type { DataKeyCrypto, KeyDescription, KeyObserver } from '../../shared/domain/keys/ports';
import { aMaterial, anArn } from './make';

export interface ScriptedKms {
  readonly crypto: DataKeyCrypto;
  readonly observer: KeyObserver;
  /** What unwrapping answers from now on; a list is used up one by one, its last answer stays. */
  unwrapAnswers(...answers: readonly ('ok' | ErrorCode)[]): void;
  keyStateIs(keyState: string, more?: Partial<KeyDescription>): void;
  denyWith(details: ErrorDetails): void;
  readonly unwraps: () => number;
}

export function scriptedKms(): ScriptedKms {
  let answers: readonly ('ok' | ErrorCode)[] = ['ok'];
  let details: ErrorDetails = {};
  let unwraps = 0;
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

  return {
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
      policy: notAsked,
      lastUse: notAsked,
    },
  };
}
