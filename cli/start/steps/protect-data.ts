/** Two years of data for every customer and data store, each month under a data key of its own. */
import {
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { read } from 'keywright-envelope/container';
import type { Envelope } from 'keywright-envelope/envelope';
import type { Place } from 'keywright-envelope/place';
import { CUSTOMERS, DATA_STORES, MONTHS_OF_HISTORY } from '../customers';
import type { Scene, Step } from '../scene';
import { inParallel } from '../wait-until';

/** The example application keeps what it protects here. */
const BUCKET = 'example-application-data';
const MONTH_MS = 31 * 86_400_000;

export const PLACES: readonly Place[] = CUSTOMERS.flatMap(({ customerId }) =>
  DATA_STORES.map(({ dataStoreId }) => ({ customerId, dataStoreId })),
);

export const protectData: Step = {
  title: 'Protect two years of data, a data key for each month',
  async run(scene) {
    await makeBucket(scene);
    const containers = (await inParallel(PLACES, 4, (place) => protectedHistory(place, scene))).flat();
    const dataKeys = new Set(containers.map((container) => read(Buffer.from(container, 'base64')).dataKeyId));
    return `${containers.length} records in ${PLACES.length} data stores, under ${dataKeys.size} data keys`;
  },
};

/** Safe to repeat. */
async function makeBucket({ s3 }: Scene): Promise<void> {
  try {
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  } catch (error) {
    if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
  }
}

/** What was broken off begins anew: the months so far then share the youngest of the data keys made for them. */
async function protectedHistory(place: Place, { s3, envelopeAt, aws }: Scene): Promise<readonly string[]> {
  const known = await stored(place, s3);
  if (known) return known;
  let monthsAgo = MONTHS_OF_HISTORY;
  const now = aws.clock.now();
  const envelope = envelopeAt(() => now - monthsAgo * MONTH_MS);
  const containers: string[] = [];
  for (monthsAgo = MONTHS_OF_HISTORY; monthsAgo > 0; monthsAgo -= 1) {
    const container = await envelope.encrypt(place, Buffer.from(recordOf(place, monthsAgo)));
    containers.push(Buffer.from(container).toString('base64'));
  }
  const Key = `${place.customerId}/${place.dataStoreId}.json`;
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: JSON.stringify(containers) }));
  return containers;
}

/** Reads a data store back through an application that has nothing cached. @returns records that are what they were. */
export async function readBack(place: Place, envelope: Envelope, s3: S3Client): Promise<number> {
  const containers = (await stored(place, s3)) ?? [];
  const plaintexts = await inParallel(containers, 8, (container) =>
    envelope.decrypt(place, Buffer.from(container, 'base64')),
  );
  return plaintexts.filter((text, at) => Buffer.from(text).toString() === recordOf(place, MONTHS_OF_HISTORY - at))
    .length;
}

const recordOf = ({ customerId, dataStoreId }: Place, monthsAgo: number) =>
  JSON.stringify({ customerId, dataStoreId, monthsAgo, note: 'what only this customer may read' });

async function stored({ customerId, dataStoreId }: Place, s3: S3Client): Promise<string[] | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: `${customerId}/${dataStoreId}.json` }));
    return JSON.parse((await Body?.transformToString()) ?? '[]');
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}
