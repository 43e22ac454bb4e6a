/** Changing KMS keys of our own accounts. */
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  type Tag,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { hasCode, KeywrightError } from '../domain/errors';
import type { KeyRef } from '../domain/keys/kms-key';
import type { KeyAdministrator, KeyDescription } from '../domain/keys/ports';
import { defined } from '../domain/optional-fields';
import type { KmsClients } from './kms-clients';
import { askKms } from './kms-errors';
import { descriptionOf } from './kms-key-observer';

/** Tags of a key that another was made from, and what it was made for. Those of an earlier replacement are not passed on. */
const TAGS = { replaces: 'keywright:replaces', token: 'keywright:token' } as const;

/** A key has at most 50 tags: one page. Source: KMS developer guide, resource quotas. */
const TAGS_MAX = 50;

/** Changes KMS keys of our own accounts. */
export function kmsKeyAdministrator(clients: KmsClients): KeyAdministrator {
  const describe = async (key: KeyRef, keyId: string) => {
    const request = new DescribeKeyCommand({ KeyId: keyId });
    return (await askKms('DescribeKey', { keyId }, () => clients.of(key).send(request))).KeyMetadata;
  };

  return {
    async enableAutomaticRotation(key, periodDays) {
      const request = new EnableKeyRotationCommand({ KeyId: key.kmsKeyArn, RotationPeriodInDays: periodDays });
      await askKms('EnableKeyRotation', about(key), () => clients.of(key).send(request));
    },

    async rotateOnDemand(key) {
      const request = new RotateKeyOnDemandCommand({ KeyId: key.kmsKeyArn });
      await askKms('RotateKeyOnDemand', about(key), () => clients.onceOf(key).send(request));
    },

    async createReplacement(key, token) {
      const alias = `alias/keywright/replacement/${token}`;
      const made = await unlessNone(() => describe(key, alias));
      if (made) return descriptionOf(made);
      const created = await createLike(key, token);
      await unlessTaken(() => createAlias(alias, key, created.kmsKeyArn));
      // Whoever was first has the alias: of two keys made at once, both callers go on with the same one.
      return descriptionOf(await describe(key, alias));
    },

    async moveAlias(alias, to) {
      const request = { AliasName: alias, TargetKeyId: to.kmsKeyArn };
      const update = () =>
        askKms('UpdateAlias', { ...about(to), alias }, () => clients.of(to).send(new UpdateAliasCommand(request)));
      if (await unlessNone(update)) return;
      if (!(await unlessTaken(() => createAlias(alias, to, to.kmsKeyArn)))) await update();
    },

    async disable(key) {
      const request = new DisableKeyCommand({ KeyId: key.kmsKeyArn });
      await askKms('DisableKey', about(key), () => clients.of(key).send(request));
    },

    async enable(key) {
      const request = new EnableKeyCommand({ KeyId: key.kmsKeyArn });
      await askKms('EnableKey', about(key), () => clients.of(key).send(request));
    },

    async scheduleDeletion(key, waitingDays) {
      const request = new ScheduleKeyDeletionCommand({ KeyId: key.kmsKeyArn, PendingWindowInDays: waitingDays });
      try {
        const answer = await askKms('ScheduleKeyDeletion', about(key), () => clients.of(key).send(request));
        return dateOf(answer.DeletionDate?.toISOString(), key);
      } catch (error) {
        if (!hasCode(error, 'kms.key-pending-deletion')) throw error;
        return dateOf(descriptionOf(await describe(key, key.kmsKeyArn)).deletionDate, key);
      }
    },

    async setPolicy(key, document) {
      const request = new PutKeyPolicyCommand({ KeyId: key.kmsKeyArn, PolicyName: 'default', Policy: document });
      await askKms('PutKeyPolicy', about(key), () => clients.of(key).send(request));
    },

    async cancelDeletion(key) {
      const request = new CancelKeyDeletionCommand({ KeyId: key.kmsKeyArn });
      try {
        await askKms('CancelKeyDeletion', about(key), () => clients.of(key).send(request));
      } catch (error) {
        if (!hasCode(error, 'state.forbids')) throw error;
      }
    },
  };

  /** A call that dies between key and alias leaves a key that nothing uses, told by its tags. It is not made here again. */
  async function createLike(key: KeyRef, token: string): Promise<KeyDescription> {
    const { Description, KeySpec, KeyUsage, MultiRegion } = (await describe(key, key.kmsKeyArn)) ?? {};
    const readPolicy = new GetKeyPolicyCommand({ KeyId: key.kmsKeyArn, PolicyName: 'default' });
    const { Policy } = await askKms('GetKeyPolicy', about(key), () => clients.of(key).send(readPolicy));
    const readTags = new ListResourceTagsCommand({ KeyId: key.kmsKeyArn, Limit: TAGS_MAX });
    const { Tags = [] } = await askKms('ListResourceTags', about(key), () => clients.of(key).send(readTags));
    const like = { Description, KeySpec, KeyUsage, MultiRegion, Policy };
    const request = new CreateKeyCommand({ ...defined(like), Tags: tagsFor(Tags, key, token) });
    const { KeyMetadata } = await askKms('CreateKey', about(key), () => clients.onceOf(key).send(request));
    return descriptionOf(KeyMetadata);
  }

  /** The target was seen a moment ago: where KMS does not know it, it does not know it yet. */
  async function createAlias(alias: string, key: KeyRef, kmsKeyArn: string) {
    const request = new CreateAliasCommand({ AliasName: alias, TargetKeyId: kmsKeyArn });
    const create = () => askKms('CreateAlias', { kmsKeyArn, alias }, () => clients.of(key).send(request));
    const created = await unlessNone(create);
    if (!created) throw new KeywrightError('kms.conflict', 'KMS does not know the new key yet.', { kmsKeyArn, alias });
  }
}

const about = ({ kmsKeyArn }: KeyRef) => ({ kmsKeyArn });

function tagsFor(tags: readonly Tag[], { kmsKeyArn }: KeyRef, token: string): Tag[] {
  const own: readonly string[] = Object.values(TAGS);
  const kept = tags.filter(({ TagKey: name }) => name !== undefined && !own.includes(name) && !name.startsWith('aws:'));
  return [
    ...kept.slice(0, TAGS_MAX - own.length),
    { TagKey: TAGS.replaces, TagValue: kmsKeyArn },
    { TagKey: TAGS.token, TagValue: token },
  ];
}

function dateOf(date: string | undefined, { kmsKeyArn }: KeyRef): string {
  if (date !== undefined) return date;
  throw new KeywrightError('kms.unreachable', 'KMS answered without the date of deletion.', { kmsKeyArn });
}

/** Undefined where KMS knows no such alias or key. */
async function unlessNone<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (hasCode(error, 'kms.key-not-found')) return undefined;
    throw error;
  }
}

/** False where somebody else has made it meanwhile. */
async function unlessTaken(create: () => Promise<unknown>): Promise<boolean> {
  try {
    await create();
    return true;
  } catch (error) {
    if (hasCode(error, 'state.forbids')) return false;
    throw error;
  }
}
