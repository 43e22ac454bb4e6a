/** A KMS whose answers a test sets: for what is decided from answers, whatever caused them. */
import { type ErrorCode, type ErrorDetails, KeywrightError } from '../../shared/domain/errors';
import type {
  DataKeyCrypto,
  KeyDescription,
  KeyGrant,
  KeyMaterial,
  KeyObserver,
  KeyProver,
} from '../../shared/domain/keys/ports';
import { aMaterial, anArn, OUR_ACCOUNT } from './make';
import { type MemoryRoles, memoryRoles } from './memory-roles';

/** As KMS makes it: the account decides. */
const EVERYTHING = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: OUR_ACCOUNT }, Action: 'kms:*', Resource: '*' }],
};

export type ProvenAction = 'kms:GenerateDataKey' | 'kms:ReEncryptFrom' | 'kms:ReEncryptTo';

export interface ScriptedKms {
  readonly crypto: DataKeyCrypto;
  readonly observer: KeyObserver;
  readonly prover: KeyProver;
  /** Customers' roles: of those that were not put there is none. */
  readonly roles: MemoryRoles;
  /** What unwrapping answers from now on; a list is used up one by one, its last answer stays. */
  unwrapAnswers(...answers: readonly ('ok' | ErrorCode)[]): void;
  /** What is answered to a dry run that needs the action, from now on. */
  proofAnswers(action: ProvenAction, answer: 'ok' | ErrorCode, details?: ErrorDetails): void;
  /** What STS answers to whoever assumes the role anew, from now on. */
  roleAnswers(answer: 'ok' | ErrorCode, details?: ErrorDetails): void;
  /** How many dry runs were made. */
  readonly proofs: () => number;
  materialsAre(...materials: readonly KeyMaterial[]): void;
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
  let proofs = 0;
  let roleAnswer: 'ok' | ErrorCode = 'ok';
  let roleDetails: ErrorDetails = {};
  const refusals = new Map<ProvenAction, KeywrightError>();
  let materials: readonly KeyMaterial[] = [];
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
  const prove = async (...actions: readonly ProvenAction[]) => {
    proofs += 1;
    for (const action of actions) {
      const refused = refusals.get(action);
      if (refused) throw refused;
    }
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
    roles: memoryRoles(),
    proofAnswers: (action, answer, more = {}) => {
      if (answer === 'ok') refusals.delete(action);
      else refusals.set(action, new KeywrightError(answer, `KMS says ${answer}.`, { action, ...more }));
    },
    roleAnswers: (answer, more = {}) => {
      roleAnswer = answer;
      roleDetails = more;
    },
    proofs: () => proofs,
    materialsAre: (...next) => {
      materials = next;
    },
    prover: {
      proveRole: async () => {
        if (roleAnswer !== 'ok') throw new KeywrightError(roleAnswer, `STS says ${roleAnswer}.`, roleDetails);
      },
      proveGenerate: () => prove('kms:GenerateDataKey'),
      proveReencrypt: () => prove('kms:ReEncryptFrom', 'kms:ReEncryptTo'),
    },
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
      const { deletionDate: _calledOff, validTo: _none, ...kept } = description;
      description = { ...kept, keyState, ...more };
    },
    denyWith: (next) => {
      details = next;
    },
    unwraps: () => unwraps,
    crypto: {
      generate: notAsked,
      reencrypt: async () => ({
        kmsKeyArn: anArn(),
        keyMaterialId: description.keyMaterialId ?? aMaterial(1),
        wrapped: new Uint8Array([8]),
      }),
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
      materials: async () => materials,
      waitingMaterial: notAsked,
      policy: async () => JSON.stringify(given(policy)),
      grants: async () => given(grants),
      lastUse: notAsked,
    },
  };
}

/** What each key answers for itself. */
export interface AnswersByKey {
  /** Throws what KMS refuses with; what it lets pass is unwrapped. */
  unwrap(kmsKeyArn: string): void;
  /** What is told of the key besides what is told of all. May throw. */
  describe(kmsKeyArn: string): Partial<KeyDescription>;
}

/** A scripted KMS with many keys. Whoever looks at the same time reads the same rows. */
export function scriptedByKey(answers: AnswersByKey): ScriptedKms {
  const kms = scriptedKms();
  return {
    ...kms,
    crypto: {
      ...kms.crypto,
      async unwrap(key, ...rest) {
        await Promise.resolve();
        answers.unwrap(key.kmsKeyArn);
        return kms.crypto.unwrap(key, ...rest);
      },
    },
    observer: {
      ...kms.observer,
      async describe({ kmsKeyArn, ...rest }) {
        const told = answers.describe(kmsKeyArn);
        return { ...(await kms.observer.describe({ kmsKeyArn, ...rest })), kmsKeyArn, ...told };
      },
    },
  };
}
