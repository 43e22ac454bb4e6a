/** CloudTrail's own API, as far as somebody needs it who checks log files against their digests. */
import { AwsError, type Call, type Engine, type JsonObject, outcomeOf } from '../call';
import type { EngineDeps, Iam } from '../contracts';
import { own } from '../own-property';
import { digestPublicKey } from './signing-key';
import { TRAIL_NAME, trailBucket } from './trail-bucket';

type Operation = (call: Call) => JsonObject;

export function cloudTrailEngine(
  { store, clock }: Pick<EngineDeps, 'store' | 'clock'>,
  parts: { readonly iam: Iam },
): Engine {
  const homes = store.table<string>('cloudtrail.home-regions');

  const trailsOf = ({ caller: { accountId } }: Call): JsonObject[] => {
    const home = homes.get(accountId);
    if (home === undefined) return [];
    const trail = {
      Name: TRAIL_NAME,
      TrailARN: `arn:aws:cloudtrail:${home}:${accountId}:trail/${TRAIL_NAME}`,
      S3BucketName: trailBucket(accountId),
      HomeRegion: home,
      IncludeGlobalServiceEvents: true,
      IsMultiRegionTrail: true,
      IsOrganizationTrail: false,
      LogFileValidationEnabled: true,
      HasCustomEventSelectors: false,
    };
    return [trail];
  };

  const operations: Readonly<Record<string, Operation>> = {
    DescribeTrails: (call) => ({ trailList: trailsOf(call) }),
    GetTrailStatus: () => ({ IsLogging: true }),
    ListPublicKeys: ({ region }) => {
      const key = digestPublicKey(store, region);
      if (key === undefined) return { PublicKeyList: [] };
      const { der, fingerprint, madeAt } = key;
      const validity = { ValidityStartTime: madeAt / 1000, ValidityEndTime: clock.now() / 1000 };
      return { PublicKeyList: [{ Value: der.toString('base64'), Fingerprint: fingerprint, ...validity }] };
    },
  };

  return {
    service: 'cloudtrail',
    handle: (call) =>
      outcomeOf(() => {
        const operation = own(operations, call.operation);
        if (operation === undefined) {
          throw new AwsError('UnknownOperationException', `Local CloudTrail has no ${call.operation}.`);
        }
        const action = `cloudtrail:${call.operation}`;
        parts.iam.require(call.caller, { action, resource: '*', resourceAccountId: call.caller.accountId });
        return { output: operation(call) };
      }),
  };
}
