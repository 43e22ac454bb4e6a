/** Real SDK clients in front of engines of local AWS, over HTTP: a door of the test's own. */
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { openDoor } from 'local-aws/door/door';
import { iam } from 'local-aws/iam/iam';
import { kmsEngine } from 'local-aws/kms/engine';
import { s3 } from 'local-aws/s3/engine';
import { localWorld } from 'local-aws/test/support/local-world';
import { OUR_ACCOUNT, REGION } from './make';

const NOTHING = { record: () => undefined, recordServiceEvent: () => undefined };

/** Both services of one account, and how to end them. */
export async function localClients() {
  const world = localWorld();
  const access = iam(world);
  const kms = kmsEngine(world, { iam: access, trail: NOTHING, buses: { publish: () => undefined } });
  const engines = [s3(world, { iam: access }), kms];
  const bugs: unknown[] = [];
  const door = await openDoor(world, { iam: access, engines, trail: NOTHING, onBug: (error) => bugs.push(error) });
  const config = {
    endpoint: door.url,
    region: REGION,
    credentials: access.openAccount(OUR_ACCOUNT),
    maxAttempts: 1,
  };
  const clients = { s3: new S3Client({ ...config, forcePathStyle: true }), kms: new KMSClient(config) };
  return {
    ...clients,
    bugs,
    async stop() {
      clients.s3.destroy();
      clients.kms.destroy();
      await door.close();
    },
  };
}
