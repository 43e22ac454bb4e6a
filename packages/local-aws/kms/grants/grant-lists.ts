/** ListGrants and ListRetirableGrants. */
import * as z from 'zod/mini';
import type { JsonObject } from '../../call';
import * as field from '../fields';
import { seconds } from '../keys/key-metadata';
import { operation } from '../operation';
import { paged } from '../paging';
import { useKey } from '../use-key';
import type { Grant } from './grant-repository';

export const listGrants = operation({
  readOnly: true,
  quota: 'own',
  state: 'look',
  crossAccount: true,
  logs: ['KeyId', 'GrantId', 'GranteePrincipal', 'GranteeServicePrincipal', 'Limit', 'Marker'],
  input: z.object({
    KeyId: field.keyId,
    GrantId: z.optional(field.grantId),
    GranteePrincipal: z.optional(field.principal),
    GranteeServicePrincipal: z.optional(field.principal),
    ...field.page,
  }),
  run(kms, request) {
    const { KeyId, GrantId, GranteePrincipal, GranteeServicePrincipal } = request.input;
    const key = useKey(kms, request, { keyId: KeyId });
    const grants = kms.grants
      .ofKey(key.arn)
      .filter((grant) => GrantId === undefined || grant.id === GrantId)
      .filter((grant) => GranteePrincipal === undefined || grant.granteePrincipal === GranteePrincipal)
      .filter(
        (grant) => GranteeServicePrincipal === undefined || grant.granteeServicePrincipal === GranteeServicePrincipal,
      );
    return paged(
      'Grants',
      grants.map((grant) => grantEntry(grant)),
      request.input,
    );
  },
});

export const listRetirableGrants = operation({
  readOnly: true,
  quota: 'own',
  logs: ['RetiringPrincipal', 'RetiringServicePrincipal', 'Limit', 'Marker'],
  input: z.object({
    RetiringPrincipal: z.optional(field.principal),
    RetiringServicePrincipal: z.optional(field.principal),
    ...field.page,
  }),
  run(kms, { call, input }) {
    const { caller, region } = call;
    kms.iam.require(caller, {
      action: 'kms:ListRetirableGrants',
      resource: '*',
      resourceAccountId: caller.accountId,
    });
    const grants = kms.grants
      .all()
      .filter((grant) => grant.keyArn.split(':')[3] === region)
      .filter((grant) => grant.retiringPrincipal === input.RetiringPrincipal)
      .filter((grant) => grant.retiringServicePrincipal === input.RetiringServicePrincipal);
    return paged(
      'Grants',
      grants.map((grant) => grantEntry(grant)),
      input,
    );
  },
});

/** A grant as AWS lists it; without what differs between two grants of one request, when it is to be compared. */
export function grantEntry(grant: Grant, isListed = true): JsonObject {
  return {
    KeyId: grant.keyArn,
    ...(isListed ? { GrantId: grant.id, CreationDate: seconds(grant.createdAtMs) } : {}),
    // AWS lists an empty name for a grant without one.
    Name: grant.name ?? '',
    GranteePrincipal: grant.granteePrincipal,
    GranteeServicePrincipal: grant.granteeServicePrincipal,
    RetiringPrincipal: grant.retiringPrincipal,
    RetiringServicePrincipal: grant.retiringServicePrincipal,
    IssuingAccount: `arn:aws:iam::${grant.issuingAccountId}:root`,
    Operations: grant.operations,
    Constraints: grant.constraints as JsonObject | undefined,
  };
}
