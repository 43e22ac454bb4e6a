/** Aliases and key ids of our own account and region. */
import { DescribeKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { Aliases } from '../domain/api/find-key';
import { hasCode } from '../domain/errors';
import { askKms } from './kms-errors';

/** Finds keys by alias or id. Throws codes that begin with `kms.`; what names nothing is undefined. */
export function kmsAliases(client: Pick<KMSClient, 'send'>): Aliases {
  return {
    async keyOf(aliasOrId) {
      try {
        const request = new DescribeKeyCommand({ KeyId: aliasOrId });
        const answer = await askKms('DescribeKey', { aliasOrId }, () => client.send(request));
        return answer.KeyMetadata?.Arn;
      } catch (error) {
        if (hasCode(error, 'kms.key-not-found')) return undefined;
        throw error;
      }
    },
  };
}
