/** Policies of AWS's own documentation: every one is read, and decided for a caller of ours as the engine of local AWS does. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Principal } from 'local-aws/call';
import type { PolicyDocument } from 'local-aws/contracts';
import { identityPolicyEffect, resourcePolicyEffect } from 'local-aws/iam/policy';
import { decide } from '../../shared/domain/availability/policy/decide';
import { readPolicy } from '../../shared/domain/availability/policy/document';

const FILE = resolve(__dirname, '../../../shared/data/iam/kms-policies-aws-docs.jsonl');

const policies = readFileSync(FILE, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => (JSON.parse(line) as { readonly policy: PolicyDocument }).policy);

const ACTIONS = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'ReEncryptFrom',
  'ReEncryptTo',
  'DescribeKey',
  'CreateGrant',
  'PutKeyPolicy',
];
const RESOURCE = 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const ROLES = ['111122223333:role/ExampleRole', '444455556666:role/keywright-probe-keys', '999988887777:role/stranger'];

/** What is known of every request; tags, origin, addresses and endpoints are not. */
const known: Readonly<Record<string, readonly string[]>> = { 'kms:viaservice': [], 'kms:grantisforawsresource': [] };

test('every policy is read', () => {
  expect(policies).toHaveLength(23);
  expect(policies.map((policy) => readPolicy(JSON.stringify(policy))).filter((policy) => 'fault' in policy)).toEqual(
    [],
  );
});

test.each(ROLES)('each is decided for %s as by the engine, or not known', (role) => {
  const counts = { allowed: 0, refused: 0, unknown: 0 };
  for (const policy of policies) {
    const read = readPolicy(JSON.stringify(policy));
    if ('fault' in read) throw new Error(read.fault);
    const isAttached = read.statements.every(({ principals }) => principals === undefined);
    for (const operation of ACTIONS) {
      const [accountId = '', name = ''] = role.split(':role/');
      const roleArn = `arn:aws:iam::${role}`;
      const sessionArn = `arn:aws:sts::${accountId}:assumed-role/${name}/session`;
      const caller: Principal = {
        type: 'AssumedRole',
        accountId,
        arn: sessionArn,
        principalId: 'A:session',
        role: { arn: roleArn, name, principalId: 'A' },
      };
      const request = { action: `kms:${operation}`, resource: RESOURCE };
      const context = (key: string) => (key === 'kms:calleraccount' ? [accountId] : known[key]);

      const decision = decide(read, { ...request, caller: { accountId, roleArn, sessionArn }, context });
      counts[decision.effect] += 1;
      if (decision.effect === 'unknown') continue;
      const seen = (key: string) => (context(key)?.length ? context(key) : undefined);
      const engine = { ...request, caller, context: seen };
      const effect = isAttached ? identityPolicyEffect(policy, engine) : resourcePolicyEffect(policy, engine).effect;
      expect({ policy, operation, effect: decision.effect }).toEqual({
        policy,
        operation,
        effect: effect === 'allow' ? 'allowed' : 'refused',
      });
    }
  }
  process.stdout.write(`recorded key policies, ${role}: ${JSON.stringify(counts)}\n`);
  expect(counts.refused).toBeGreaterThan(0);
});
