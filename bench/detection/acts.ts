/** What a customer does to their key, how it is undone, and what the verdict has to be. */
import {
  CancelKeyDeletionCommand,
  DeleteImportedKeyMaterialCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { LocalAws } from 'local-aws/aws';
import type { Party } from '../../events/fields';
import type { Cause } from '../../shared/domain/availability/verdict';
import { type CustomerSide, importMaterial, type Wish } from './customer-side';

export interface Act {
  readonly name: string;
  readonly needs: Pick<Wish, 'via' | 'origin'>;
  readonly causes: readonly Cause[];
  /** Whose act it may be said to be: AWS does not tell who refuses to have a role assumed. */
  readonly parties: readonly Party[];
  /** Whether KMS itself tells of it; what is done to a role is told by IAM, which is not forwarded. */
  readonly isKmsEvent: boolean;
  /** Whether data that is there cannot be read. */
  readonly stopsReads: boolean;
  take(side: CustomerSide, aws: LocalAws): Promise<void>;
  giveBack(side: CustomerSide, aws: LocalAws): Promise<void>;
}

const DENY_KMS = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 'kms:*', Resource: '*' }],
};
/** The kit's statement that lets us use the key. */
const OUR_USE = 'ProviderUsesUnderOurContext';
const PLAIN = { via: 'key-policy', origin: 'AWS_KMS' } as const;
const BY_ROLE = { via: 'role', origin: 'AWS_KMS' } as const;
const BY_CUSTOMER = { parties: ['customer'], isKmsEvent: true, stopsReads: true } as const;

const enable = async ({ kms, kmsKeyArn: KeyId }: CustomerSide) =>
  void (await kms.send(new EnableKeyCommand({ KeyId })));

const putPolicy = async ({ kms, kmsKeyArn: KeyId }: CustomerSide, policy: object) =>
  void (await kms.send(new PutKeyPolicyCommand({ KeyId, PolicyName: 'default', Policy: JSON.stringify(policy) })));

/** The policy without a statement, or with other actions in it. */
const withActions = ({ keyPolicy }: CustomerSide, sid: string, actions: readonly string[]) => ({
  ...keyPolicy,
  Statement: keyPolicy.Statement.flatMap((statement) => {
    if (statement.Sid !== sid) return [statement];
    return actions.length > 0 ? [{ ...statement, Action: actions }] : [];
  }),
});

const restorePolicy = (side: CustomerSide) => putPolicy(side, side.keyPolicy);

/** @param change What becomes of the role in the customer's account. */
function byRole(change: (role: Role) => Role): Pick<Act, 'take' | 'giveBack'> {
  const before = new Map<string, Role>();
  return {
    async take({ useRoleArn }, aws) {
      const role = aws.iam.roleOf(useRoleArn);
      if (!role) throw new Error(`There is no role ${useRoleArn}.`);
      before.set(useRoleArn, role);
      aws.iam.putRole(change(role));
    },
    async giveBack({ useRoleArn }, aws) {
      const role = before.get(useRoleArn);
      if (role) aws.iam.putRole(role);
    },
  };
}
type Role = NonNullable<ReturnType<LocalAws['iam']['roleOf']>>;

export const ACTS: readonly Act[] = [
  {
    name: 'disable',
    needs: PLAIN,
    causes: ['key-disabled'],
    ...BY_CUSTOMER,
    take: async ({ kms, kmsKeyArn: KeyId }) => void (await kms.send(new DisableKeyCommand({ KeyId }))),
    giveBack: enable,
  },
  {
    name: 'schedule deletion',
    needs: PLAIN,
    causes: ['key-pending-deletion'],
    ...BY_CUSTOMER,
    async take({ kms, kmsKeyArn: KeyId }) {
      await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    },
    async giveBack(side) {
      await side.kms.send(new CancelKeyDeletionCommand({ KeyId: side.kmsKeyArn }));
      await enable(side);
    },
  },
  {
    name: 'take our statement out of the key policy',
    needs: PLAIN,
    causes: ['key-policy'],
    ...BY_CUSTOMER,
    take: (side) => putPolicy(side, withActions(side, OUR_USE, [])),
    giveBack: restorePolicy,
  },
  {
    name: 'leave us Decrypt alone',
    needs: PLAIN,
    causes: ['key-policy', 'partial-loss'],
    ...BY_CUSTOMER,
    stopsReads: false,
    take: (side) => putPolicy(side, withActions(side, OUR_USE, ['kms:Decrypt'])),
    giveBack: restorePolicy,
  },
  {
    name: 'delete imported material',
    needs: { via: 'key-policy', origin: 'EXTERNAL' },
    causes: ['key-material-missing', 'key-material-deleted'],
    ...BY_CUSTOMER,
    take: async ({ kms, kmsKeyArn: KeyId }) => void (await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId }))),
    giveBack: importMaterial,
  },
  {
    name: 'close the role to us',
    needs: BY_ROLE,
    causes: ['trust-lost'],
    parties: ['customer'],
    isKmsEvent: false,
    stopsReads: true,
    ...byRole((role) => ({ ...role, trustPolicy: { Version: '2012-10-17', Statement: [] } })),
  },
  {
    name: 'deny the role the key',
    needs: BY_ROLE,
    causes: ['role-permissions', 'key-policy'],
    parties: ['customer'],
    isKmsEvent: false,
    stopsReads: true,
    ...byRole((role) => ({ ...role, policies: [...role.policies, DENY_KMS] })),
  },
];
