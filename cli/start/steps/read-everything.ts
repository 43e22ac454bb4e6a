/** After all rotations: every record opens under what its data key is wrapped by now, and the old key may go. */
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { scanAll } from '../../../shared/domain/reencryption/scan-data-keys';
import { CUSTOMERS, MONTHS_OF_HISTORY } from '../customers';
import { isAway } from '../losses';
import type { Scene, Step } from '../scene';
import { inParallel, until } from '../wait-until';
import { PLACES, readBack } from './protect-data';
import { firstKeyOf } from './rotations';

export const readEverything: Step = {
  title: 'Read every record back through an application that has nothing cached',
  async run(scene) {
    const { envelopeAt, aws, s3, findings } = scene;
    const envelope = envelopeAt(aws.clock.now);
    // An earlier run was killed while these were away: it had read their records before it took the key.
    const places = PLACES.filter(({ customerId }) => !isAway(customerId, scene));
    const left = PLACES.length - places.length;
    const read = await inParallel(places, 4, (place) => readBack(place, envelope, s3));
    const same = read.reduce((sum, count) => sum + count, 0);
    findings.check('every record reads back as it was written', same === places.length * MONTHS_OF_HISTORY);
    return `${same} of ${places.length * MONTHS_OF_HISTORY} records are what they were${left > 0 ? `; the keys of ${left} data stores are away` : ''}`;
  },
};

export const oldKeyIsRetired: Step = {
  title: 'The replaced key is proven unused and disabled',
  async run(scene) {
    const kmsKeyArn = await oldSharedKey(scene);
    await until('the replaced key is disabled', async () => {
      const key = await scene.control.find('kms-key', kmsKeyArn);
      return key?.state === 'disabled';
    });
    const { KeyMetadata } = await scene.kms.send(new DescribeKeyCommand({ KeyId: kmsKeyArn }));
    const left = await countUnder(kmsKeyArn, scene);
    scene.findings.check('no data key is left under the key that was retired', left === 0);
    scene.findings.check('the retired key is disabled, not deleted', KeyMetadata?.KeyState === 'Disabled');
    return `${left} data keys left under it; KMS says ${KeyMetadata?.KeyState}`;
  },
};

const oldSharedKey = async (scene: Scene) => {
  const shared = CUSTOMERS.find(({ strategy }) => strategy === 'replace');
  if (!shared) throw new Error('No customer of the example has a key that is replaced.');
  return firstKeyOf(shared, scene);
};

/** In the whole table, whoever’s the key is. */
async function countUnder(kmsKeyArn: string, ports: Scene): Promise<number> {
  let count = 0;
  for await (const _ of scanAll({ key: { kmsKeyArn } }, ports)) count += 1;
  return count;
}
