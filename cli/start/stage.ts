/** Sets the scene: clients and ports of the provider and of the customers, all pointed at local AWS by its endpoint. */
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createEnvelope } from 'keywright-envelope/envelope';
import type { LocalAws } from 'local-aws/aws';
import { nextId } from '../../shared/adapters/time-ordered-id';
import { controlPorts, dataKeyPorts } from '../../shared/runtime/aws-ports';
import { becomeAdministrator } from './administrator';
import { applicationPorts } from './application';
import { ACME_ACCOUNT, PROVIDER_ACCOUNT } from './customers';
import type { Scene } from './scene';

export async function sceneOn(aws: LocalAws, parts: Pick<Scene, 'outputs' | 'notes' | 'findings'>): Promise<Scene> {
  becomeAdministrator(aws);
  const { outputs } = parts;
  const { control } = controlPorts({ controlTableName: outputs['ControlTableName'] ?? '' });
  const { dataKeys } = dataKeyPorts({
    controlTableName: outputs['ControlTableName'] ?? '',
    dataKeyTableName: outputs['DataKeyTableName'] ?? '',
  });
  const application = await applicationPorts(aws, { accountId: PROVIDER_ACCOUNT, outputs });
  return {
    ...parts,
    aws,
    playedSince: aws.clock.now(),
    control,
    dataKeys,
    envelopeAt: (nowMs) => createEnvelope({ ...application, ids: { next: nextId }, nowMs }),
    kms: new KMSClient(),
    sqs: new SQSClient({ useQueueUrlAsEndpoint: false }),
    s3: new S3Client(),
    acmeKms: new KMSClient({ credentials: aws.credentials(ACME_ACCOUNT) }),
    say: () => undefined,
  };
}
