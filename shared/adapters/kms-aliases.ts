/** Aliases of our own account and region. */
import { DescribeKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { Aliases } from '../domain/api/find-key';
import { hasCode } from '../domain/errors';
import { askKms } from './kms-errors';

/** Finds keys by their aliases. Throws codes that begin with `kms.`; an alias that names nothing is undefined. */
export function kmsAliases(client: Pick<KMSClient, 'send'>): Aliases {
  return {
    async keyOf(alias) {
      try {
        const request = new DescribeKeyCommand({ KeyId: alias });
        const answer = await askKms('DescribeKey', { alias }, () => client.send(request));
        return answer.KeyMetadata?.Arn;
      } catch (error) {
        if (hasCode(error, 'kms.key-not-found')) return undefined;
        throw error;
      }
    },
  };
}
