/**
 * CloudTrail of local AWS: one trail an account, logging every management event.
 *
 * Each record goes to the account's default event bus at once, and to a log file in the account's bucket a little
 * later. Both are one change of the store, so that a killed process loses neither or both.
 */

import type { Buses, EngineDeps, Objects, Ticking, Trail } from '../contracts';
import { sessionTable } from '../iam/sessions';
import { digests } from './digests';
import { logFiles } from './log-files';
import { callRecords, serviceEventRecord, type TrailRecord } from './records';
import { homeRegion, type TrailScope } from './trail-bucket';

export interface OwnedTrail extends Trail {
  /** The account's trail is there from now on, and its bucket: a stack that reads it finds both. Safe to repeat. */
  begin(scope: TrailScope): void;
}

export function cloudTrail(
  world: Pick<EngineDeps, 'store' | 'clock'>,
  parts: { readonly buses: Buses; readonly objects: Objects },
  options: { readonly deliverAfterMs?: number } = {},
): OwnedTrail & Ticking {
  const { store, clock } = world;
  const sessions = sessionTable(store);
  const chains = digests(world, parts.objects);
  const files = logFiles(world, { objects: parts.objects, digests: chains }, options);

  const deliver = (records: readonly TrailRecord[]) =>
    store.together(() => {
      for (const record of records) {
        files.add(record);
        publish(record, parts.buses);
      }
    });

  return {
    begin: (scope) => void homeRegion(store, parts.objects, scope),
    record(call, { trail, ...outcome }) {
      if (trail === undefined) return;
      const { session } = sessions.get(call.caller.accessKeyId ?? '') ?? {};
      const when = { nowMs: clock.now(), sessionOpenedAt: session?.openedAt };
      deliver(callRecords(call, { ...outcome, trail }, when));
    },
    recordServiceEvent: (event) => deliver([serviceEventRecord(event, clock.now())]),
    tick() {
      files.tick();
      chains.tick();
    },
  };
}

/** Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail". */
function publish(record: TrailRecord, buses: Buses): void {
  const event = {
    source: `aws.${record.eventSource.split('.', 1)[0]}`,
    'detail-type':
      record.eventType === 'AwsApiCall' ? 'AWS API Call via CloudTrail' : 'AWS Service Event via CloudTrail',
    time: record.eventTime,
    resources: [],
    detail: record,
  };
  buses.publish(record.recipientAccountId, record.awsRegion, event, { readOnlyManagement: record.readOnly });
}
