/** The promises of `RoleObserver`, for every implementation of it. */
import type { KeyRef } from '../../shared/domain/keys/kms-key';
import { ROLE_POLICIES_MAX, type RoleObserver } from '../../shared/domain/keys/role-observer';

export interface RolesUnderTest extends RoleObserver {
  /** Reached by the role that looks, in the account of the roles. */
  readonly by: KeyRef;
  /** Makes a role of a name of its own. @returns its ARN. */
  create(trustPolicy: string): Promise<string>;
  delete(roleArn: string): Promise<void>;
  trust(roleArn: string, trustPolicy: string): Promise<void>;
  putInline(roleArn: string, name: string, text: string): Promise<void>;
  /** Makes a managed policy and attaches it. @param isReadable Whether the role that looks may read it. @returns its ARN. */
  attach(roleArn: string, text: string, isReadable: boolean): Promise<string>;
  /** Whether the role that looks may read roles from now on. */
  letRead(mayRead: boolean): Promise<void>;
}

const document = (Statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
const TRUST = document({ Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'sts:AssumeRole' });
/** With what is encoded on the wire, and a percent sign, which is not to be decoded twice. */
const USE = document({ Sid: 'Use 100%25', Effect: 'Allow', Action: 'kms:Re*', Resource: "arn:aws:kms:*:1:key/'(é)'!" });
const DENY = document({ Effect: 'Deny', Action: 'kms:Decrypt', Resource: '*' });

export function roleObserverContract(open: () => Promise<RolesUnderTest>): void {
  let roles: RolesUnderTest;
  let roleArn: string;
  beforeEach(async () => {
    roles = await open();
    await roles.letRead(true);
    roleArn = await roles.create(TRUST);
  });

  test('who may assume a role is the document as it was written, and as it is now', async () => {
    expect(await roles.trustPolicy(roles.by, roleArn)).toBe(TRUST);

    await roles.trust(roleArn, DENY);

    expect(await roles.trustPolicy(roles.by, roleArn)).toBe(DENY);
  });

  test('of a role that is gone there is neither a trust policy nor another', async () => {
    await roles.delete(roleArn);

    expect(await roles.trustPolicy(roles.by, roleArn)).toBeUndefined();
    expect(await roles.policies(roles.by, roleArn)).toBeUndefined();
  });

  test('a role without policies has none', async () => {
    expect(await roles.policies(roles.by, roleArn)).toEqual([]);
  });

  test('policies are inline ones by their names and managed ones by their ARNs, as they were written', async () => {
    await roles.putInline(roleArn, 'use', USE);
    const policyArn = await roles.attach(roleArn, DENY, true);

    const policies = await roles.policies(roles.by, roleArn);

    expect(policies).toHaveLength(2);
    expect(policies).toEqual(
      expect.arrayContaining([
        { name: 'use', text: USE },
        { name: policyArn, text: DENY },
      ]),
    );
  });

  test('a policy that we may not read is named without its document', async () => {
    const policyArn = await roles.attach(roleArn, DENY, false);

    expect(await roles.policies(roles.by, roleArn)).toEqual([{ name: policyArn }]);
  });

  test('of more policies than are read the rest are named without their document', async () => {
    for (let at = 0; at <= ROLE_POLICIES_MAX; at += 1) await roles.putInline(roleArn, `use-${at}`, USE);

    const policies = (await roles.policies(roles.by, roleArn)) ?? [];

    expect(policies).toHaveLength(ROLE_POLICIES_MAX + 1);
    expect(policies.filter(({ text }) => text === undefined)).toHaveLength(1);
  });

  test('that we may not read roles is no word of the role, be it there or not', async () => {
    await roles.letRead(false);
    await roles.delete(roleArn);

    const refused = { code: 'iam.refused', retry: false };
    await expect(roles.trustPolicy(roles.by, roleArn)).rejects.toMatchObject(refused);
    await expect(roles.policies(roles.by, roleArn)).rejects.toMatchObject(refused);
  });
}
