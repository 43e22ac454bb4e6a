/** Point-in-time recovery, which dynoxide does not know: switched on and off, and told. Nothing here restores a table. */
import type { JsonObject } from '../call';
import type { EngineDeps } from '../contracts';

/** Source: DynamoDB API reference, PointInTimeRecoveryDescription: 35 days when not said otherwise. */
const RECOVERY_DAYS_DEFAULT = 35;

export interface Backups {
  update(input: JsonObject): JsonObject;
  describe(input: JsonObject): JsonObject;
}

export function backups({ store, clock }: Pick<EngineDeps, 'store' | 'clock'>): Backups {
  const since = store.table<number>('dynamodb.recovery-since');

  const describe = (tableName: string): JsonObject => {
    const enabledAt = since.get(tableName);
    const recovery = enabledAt !== undefined && {
      EarliestRestorableDateTime: enabledAt / 1000,
      LatestRestorableDateTime: clock.now() / 1000,
      RecoveryPeriodInDays: RECOVERY_DAYS_DEFAULT,
    };
    return {
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: 'ENABLED',
        PointInTimeRecoveryDescription: {
          PointInTimeRecoveryStatus: recovery ? 'ENABLED' : 'DISABLED',
          ...(recovery || {}),
        },
      },
    };
  };

  return {
    update(input) {
      const tableName = String(input['TableName']);
      const { PointInTimeRecoveryEnabled } = (input['PointInTimeRecoverySpecification'] ?? {}) as JsonObject;
      if (!PointInTimeRecoveryEnabled) since.delete(tableName);
      else if (!since.has(tableName)) since.set(tableName, clock.now());
      return describe(tableName);
    },
    describe: (input) => describe(String(input['TableName'])),
  };
}
