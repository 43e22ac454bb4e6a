/** Looking at KMS keys. */

import {
  DescribeKeyCommand,
  GetKeyLastUsageCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type GrantListEntry,
  type KeyMetadata,
  ListGrantsCommand,
  ListKeyRotationsCommand,
  type RotationsListEntry,
} from '@aws-sdk/client-kms';
import { KeywrightError } from '../domain/errors';
import type { KeyRef } from '../domain/keys/kms-key';
import type { KeyDescription, KeyObserver } from '../domain/keys/ports';
import { GRANTS_MAX, type KeyGrant } from '../domain/keys/ports';
import { defined } from '../domain/optional-fields';
import type { KmsClients } from './kms-clients';
import { askKms } from './kms-errors';

/** A key has at most 25 on-demand rotations and one automatic rotation in 90 days: ten pages are decades. */
const PAGES_MAX = 10;

/** Source: KMS API reference, ListKeyRotations. */
const PAGE = 1000;

/** Source: KMS API reference, ListGrants: at most 100. */
const GRANTS_PAGE = 100;

/** Reads KMS keys, and changes nothing. */
export function kmsKeyObserver(clients: KmsClients): KeyObserver {
  return {
    async describe(key) {
      const { kmsKeyArn } = key;
      const request = new DescribeKeyCommand({ KeyId: kmsKeyArn });
      const answer = await askKms('DescribeKey', { kmsKeyArn }, () => clients.of(key).send(request));
      return descriptionOf(answer.KeyMetadata);
    },

    async rotationStatus(key) {
      const { kmsKeyArn } = key;
      const request = new GetKeyRotationStatusCommand({ KeyId: kmsKeyArn });
      const status = await askKms('GetKeyRotationStatus', { kmsKeyArn }, () => clients.of(key).send(request));
      return {
        automatic: status.KeyRotationEnabled === true,
        inProgress: status.OnDemandRotationStartDate !== undefined,
        ...defined({ periodDays: status.RotationPeriodInDays }),
      };
    },

    async materials(key) {
      const entries = await listed(key, clients);
      return inOrder(entries.filter(({ KeyMaterialState: state }) => !isWaiting(state))).flatMap(materialOf);
    },

    async waitingMaterial(key) {
      const entries = await listed(key, clients);
      return entries.find(({ KeyMaterialState: state }) => state === 'PENDING_ROTATION')?.KeyMaterialId;
    },

    async policy(key) {
      const { kmsKeyArn } = key;
      const request = new GetKeyPolicyCommand({ KeyId: kmsKeyArn, PolicyName: 'default' });
      const answer = await askKms('GetKeyPolicy', { kmsKeyArn }, () => clients.of(key).send(request));
      return answer.Policy ?? '';
    },

    async grants(key) {
      const { kmsKeyArn } = key;
      const grants: KeyGrant[] = [];
      let marker: string | undefined;
      for (let page = 0; page < GRANTS_MAX / GRANTS_PAGE; page += 1) {
        const request = new ListGrantsCommand({
          KeyId: kmsKeyArn,
          Limit: GRANTS_PAGE,
          ...(marker && { Marker: marker }),
        });
        const answer = await askKms('ListGrants', { kmsKeyArn }, () => clients.of(key).send(request));
        grants.push(...(answer.Grants ?? []).flatMap(grantOf));
        marker = answer.NextMarker;
        if (marker === undefined) return grants;
      }
      throw new KeywrightError('kms.limit-exceeded', `The key has more than ${GRANTS_MAX} grants: they are not read.`, {
        kmsKeyArn,
      });
    },

    async lastUse(key) {
      const { kmsKeyArn } = key;
      const request = new GetKeyLastUsageCommand({ KeyId: kmsKeyArn });
      const answer = await askKms('GetKeyLastUsage', { kmsKeyArn }, () => clients.of(key).send(request));
      // Of a key that was not used the usage is empty. Source: KMS API reference, GetKeyLastUsage.
      const { Timestamp: usedAt } = answer.KeyLastUsage ?? {};
      const { TrackingStartDate: since } = answer;
      return { ...(usedAt && { usedAt: usedAt.toISOString() }), ...(since && { since: since.toISOString() }) };
    },
  };
}

/** Source: KMS API reference, GrantListEntry and GrantConstraints. */
function grantOf({
  GranteePrincipal: grantee,
  Operations: operations = [],
  Constraints: only,
}: GrantListEntry): KeyGrant[] {
  if (grantee === undefined || only?.SourceArn !== undefined) return [];
  const { EncryptionContextSubset: contextSubset, EncryptionContextEquals: contextEquals } = only ?? {};
  return [{ grantee, operations, ...(contextSubset && { contextSubset }), ...(contextEquals && { contextEquals }) }];
}

/** Source: KMS API reference, MultiRegionConfiguration. */
const MULTI_REGION: Readonly<Record<string, KeyDescription['multiRegion']>> = {
  PRIMARY: 'primary',
  REPLICA: 'replica',
};

/** @throws KeywrightError `kms.unreachable` (retry) when KMS answered without what it always says. */
export function descriptionOf(metadata: KeyMetadata | undefined): KeyDescription {
  if (!metadata?.Arn || !metadata.KeyState) {
    throw new KeywrightError('kms.unreachable', 'KMS answered without the key’s ARN and state.');
  }
  const { CurrentKeyMaterialId: keyMaterialId, DeletionDate: deletionDate, ValidTo: validTo } = metadata;
  const multiRegion = MULTI_REGION[metadata.MultiRegionConfiguration?.MultiRegionKeyType ?? ''];
  return {
    kmsKeyArn: metadata.Arn,
    keyState: metadata.KeyState,
    keyUsage: metadata.KeyUsage ?? '',
    keySpec: metadata.KeySpec ?? '',
    origin: metadata.Origin ?? '',
    ...defined({ keyMaterialId }),
    ...(deletionDate !== undefined && { deletionDate: deletionDate.toISOString() }),
    ...(validTo !== undefined && { validTo: validTo.toISOString() }),
    ...defined({ multiRegion }),
  };
}

/** Everything that KMS lists of a key's materials. */
async function listed(key: KeyRef, clients: KmsClients): Promise<readonly RotationsListEntry[]> {
  const { kmsKeyArn } = key;
  const entries: RotationsListEntry[] = [];
  let marker: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const asked = { KeyId: kmsKeyArn, IncludeKeyMaterial: 'ALL_KEY_MATERIAL', Limit: PAGE } as const;
    const request = new ListKeyRotationsCommand({ ...asked, ...defined({ Marker: marker }) });
    const answer = await askKms('ListKeyRotations', { kmsKeyArn }, () => clients.of(key).send(request));
    entries.push(...(answer.Rotations ?? []));
    marker = answer.NextMarker;
    if (marker === undefined) break;
  }
  return entries;
}

/** Material that waits for its rotation has never been current. Source: KMS API reference, RotationsListEntry. */
const isWaiting = (state: string | undefined) =>
  state === 'PENDING_ROTATION' || state === 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION';

/** Oldest first: the first material has no date. */
const inOrder = (entries: readonly RotationsListEntry[]): RotationsListEntry[] =>
  entries.toSorted((a, b) => (a.RotationDate?.getTime() ?? 0) - (b.RotationDate?.getTime() ?? 0));

const materialOf = ({ KeyMaterialId, RotationDate, RotationType, ImportState }: RotationsListEntry) =>
  KeyMaterialId === undefined
    ? []
    : [
        {
          keyMaterialId: KeyMaterialId,
          ...(RotationDate && { rotatedAt: RotationDate.toISOString() }),
          ...(RotationType === 'ON_DEMAND' && { onDemand: true }),
          ...(ImportState === 'PENDING_IMPORT' && { isMissing: true }),
        },
      ];
