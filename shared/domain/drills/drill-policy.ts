/** The statement that a drill puts into the policy of its key, and takes out again. Everything else in the policy stays as it is. */

const SID = 'KeywrightDrill';

interface PolicyText {
  readonly Statement: unknown;
}

/** The policy with a statement that refuses these uses to these roles. Safe to repeat: it holds one such statement. */
export function withDenial(policy: string, roleArns: readonly string[], actions: readonly string[]): string {
  const document = JSON.parse(withoutDenial(policy)) as PolicyText;
  const denial = { Sid: SID, Effect: 'Deny', Principal: { AWS: roleArns }, Action: actions, Resource: '*' };
  return JSON.stringify({ ...document, Statement: [...statementsOf(document), denial] });
}

/** The policy without that statement; the very text where it holds none. */
export function withoutDenial(policy: string): string {
  const document = JSON.parse(policy) as PolicyText;
  const statements = statementsOf(document);
  const kept = statements.filter((statement) => (statement as { readonly Sid?: string }).Sid !== SID);
  return kept.length === statements.length ? policy : JSON.stringify({ ...document, Statement: kept });
}

const statementsOf = ({ Statement }: PolicyText): readonly unknown[] => [Statement].flat();
