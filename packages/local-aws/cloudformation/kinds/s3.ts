import { AwsError, type JsonObject } from '../../call';
import type { Context, Kind } from '../kind';

const bucket: Kind = {
  async make(properties, context) {
    const name = String(properties['BucketName'] ?? context.generatedName.toLowerCase().slice(0, 63));
    await create(context, name, properties['ObjectLockEnabled'] === true);
    const versioning = properties['VersioningConfiguration'] as JsonObject | undefined;
    if (versioning) await configure(context, name, 'versioning', versioningXml(String(versioning['Status'])));
    const domain = `${name}.s3.${context.region}.amazonaws.com`;
    return {
      physicalId: name,
      attributes: { Arn: `arn:aws:s3:::${name}`, DomainName: `${name}.s3.amazonaws.com`, RegionalDomainName: domain },
    };
  },
};

const bucketPolicy: Kind = {
  async make(properties, context) {
    const name = String(properties['Bucket']);
    await configure(context, name, 'policy', JSON.stringify(properties['PolicyDocument']));
    return { physicalId: name };
  },
};

export const S3_KINDS: Readonly<Record<string, Kind>> = {
  'AWS::S3::Bucket': bucket,
  'AWS::S3::BucketPolicy': bucketPolicy,
};

/** Safe to repeat: a bucket of ours that is there keeps its objects. */
async function create(context: Context, name: string, hasLock: boolean): Promise<void> {
  const constraint = `<LocationConstraint>${context.region}</LocationConstraint>`;
  try {
    await context.http('s3', {
      method: 'PUT',
      path: `/${name}`,
      headers: hasLock ? { 'x-amz-bucket-object-lock-enabled': 'true' } : {},
      // us-east-1 is the one region that must not be named. Source: S3 API reference, CreateBucket.
      body:
        context.region === 'us-east-1' ? '' : `<CreateBucketConfiguration>${constraint}</CreateBucketConfiguration>`,
    });
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'BucketAlreadyOwnedByYou') throw error;
  }
}

async function configure(context: Context, name: string, what: string, body: string): Promise<void> {
  await context.http('s3', { method: 'PUT', path: `/${name}`, query: { [what]: '' }, body });
}

function versioningXml(status: string): string {
  return `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`;
}
