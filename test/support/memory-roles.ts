/** Roles of customers in memory, and whether we may read them. */
import { KeywrightError } from '../../shared/domain/errors';
import { ROLE_POLICIES_MAX, type RoleObserver, type RolePolicy } from '../../shared/domain/keys/role-observer';

interface KeptRole {
  readonly trustPolicy: string;
  readonly policies: readonly RolePolicy[];
}

export interface MemoryRoles extends RoleObserver {
  /** The role as it is from now on. */
  put(roleArn: string, trustPolicy: object | string, policies?: readonly RolePolicy[]): void;
  of(roleArn: string): KeptRole | undefined;
  delete(roleArn: string): void;
  /** What IAM answers to whoever reads, from now on. */
  answers(answer: 'ok' | 'iam.refused' | 'iam.unreachable' | 'sts.role-refused'): void;
}

/** Nobody is asked who reads. */
export function memoryRoles(): MemoryRoles {
  const roles = new Map<string, KeptRole>();
  let answer: Parameters<MemoryRoles['answers']>[0] = 'ok';
  const read = (roleArn: string): KeptRole | undefined => {
    if (answer !== 'ok') throw new KeywrightError(answer, `IAM says ${answer}.`, { roleArn });
    return roles.get(roleArn);
  };
  return {
    put: (roleArn, trust, policies = []) => {
      roles.set(roleArn, { trustPolicy: typeof trust === 'string' ? trust : JSON.stringify(trust), policies });
    },
    of: (roleArn) => roles.get(roleArn),
    delete: (roleArn) => {
      roles.delete(roleArn);
    },
    answers: (next) => {
      answer = next;
    },
    trustPolicy: async (_, roleArn) => read(roleArn)?.trustPolicy,
    policies: async (_, roleArn) =>
      read(roleArn)?.policies.map(({ text, ...policy }, at) =>
        text === undefined || at >= ROLE_POLICIES_MAX ? policy : { ...policy, text },
      ),
  };
}
