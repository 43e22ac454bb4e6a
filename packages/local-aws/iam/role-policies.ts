/** The policies of a role, by name: inline ones by the name that they were given, managed ones by their ARN. */
import type { PolicyDocument, Role } from '../contracts';

export interface NamedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

/** One that was put without a name has its place for one. */
export const policiesOf = ({ policies, policyNames = [] }: Role): readonly NamedPolicy[] =>
  policies.map((document, at) => ({ name: policyNames[at] ?? `policy-${at + 1}`, document }));

/** The role with these policies and no other. */
export const withPolicies = (role: Role, policies: readonly NamedPolicy[]): Role => ({
  ...role,
  policies: policies.map(({ document }) => document),
  policyNames: policies.map(({ name }) => name),
});

/** The role with the policy in the place of one of the same name. */
export const withPolicy = (role: Role, policy: NamedPolicy): Role =>
  withPolicies(role, [...policiesOf(role).filter(({ name }) => name !== policy.name), policy]);

/** The role without the policy of that name. */
export const withoutPolicy = (role: Role, name: string): Role =>
  withPolicies(
    role,
    policiesOf(role).filter((one) => one.name !== name),
  );

/** `arn:aws:iam::ID:policy/NAME`: names of inline policies hold no colons. */
export const isManaged = (name: string): boolean => name.startsWith('arn:');
