/** The operations that look at keys, switch them on and off and describe them. */
import * as z from 'zod/mini';
import * as field from '../fields';
import type { Kms } from '../kms';
import { operation, type Request } from '../operation';
import { paged } from '../paging';
import { useKey } from '../use-key';
import { metadataOf, seconds } from './key-metadata';

export const describeKey = operation({
  readOnly: true,
  quota: 'own',
  state: 'look',
  crossAccount: true,
  alias: true,
  logs: ['KeyId'],
  input: z.object({ KeyId: field.keyId, GrantTokens: field.grantTokens }),
  run(kms, request) {
    const { KeyId, GrantTokens } = request.input;
    return { KeyMetadata: metadataOf(kms, useKey(kms, request, { keyId: KeyId, tokens: GrantTokens })) };
  },
});

export const listKeys = operation({
  readOnly: true,
  quota: 'own',
  logs: ['Limit', 'Marker'],
  input: z.object(field.page),
  run(kms, { call, input }) {
    const { accountId } = call.caller;
    kms.iam.require(call.caller, { action: 'kms:ListKeys', resource: '*', resourceAccountId: accountId });
    const keys = kms.keys.of(accountId, call.region).map((key) => ({ KeyId: key.keyId, KeyArn: key.arn }));
    return paged('Keys', keys, { ...input, Limit: input.Limit ?? 100 });
  },
});

const switching = {
  readOnly: false,
  quota: 'own',
  state: 'enableOrDisable',
  logs: ['KeyId'],
  input: z.object({ KeyId: field.keyId }),
} as const;

export const enableKey = operation({ ...switching, run: (kms, request) => switchKey(kms, request, true) });
export const disableKey = operation({ ...switching, run: (kms, request) => switchKey(kms, request, false) });

function switchKey(kms: Kms, request: Request<{ KeyId: string }>, enabled: boolean): undefined {
  const key = useKey(kms, request, { keyId: request.input.KeyId });
  if (key.enabled !== enabled) kms.keys.save({ ...key, enabled });
  request.notes.response = { keyId: key.arn };
}

export const updateKeyDescription = operation({
  readOnly: false,
  quota: 'own',
  state: 'label',
  logs: ['KeyId', 'Description'],
  input: z.object({ KeyId: field.keyId, Description: field.description }),
  run(kms, request) {
    const key = useKey(kms, request, { keyId: request.input.KeyId });
    kms.keys.save({ ...key, description: request.input.Description });
    return undefined;
  },
});

/** `CloudTrailEventId` is left out: CloudTrail numbers its records after KMS has answered. */
export const getKeyLastUsage = operation({
  readOnly: true,
  quota: 'own',
  state: 'look',
  logs: ['KeyId'],
  input: z.object({ KeyId: field.keyId }),
  run(kms, request) {
    const key = useKey(kms, request, { keyId: request.input.KeyId });
    const last = kms.usage.lastOf(key.arn);
    return {
      KeyId: key.arn,
      KeyCreationDate: seconds(key.createdAtMs),
      TrackingStartDate: seconds(key.createdAtMs),
      ...(last
        ? { KeyLastUsage: { Operation: last.operation, Timestamp: seconds(last.atMs), KmsRequestId: last.requestId } }
        : {}),
    };
  },
});
