/**
 * Tables whose making a kill broke off.
 *
 * dynoxide makes a table in several steps that are kept one by one: killed between them it knows a table, and refuses
 * to make it again, that it can neither read nor write. Nobody was told that such a table exists, so it goes at the next
 * start and is made anew when it is asked for again.
 */
import { AwsError } from '../call';
import type { EngineDeps } from '../contracts';
import type { Upstream } from './upstream';

const TARGET = 'DynamoDB_20120810';

export interface HalfMadeTables {
  /** Makes a table, noted until the engine has answered. One that exists is never noted, and so never removed. */
  making<Answer>(tableName: string, make: () => Promise<Answer>): Promise<Answer>;
  /** Removes what an earlier process did not hear the end of. */
  remove(): Promise<void>;
}

export function halfMadeTables({ store }: Pick<EngineDeps, 'store'>, engine: Pick<Upstream, 'ask'>): HalfMadeTables {
  const noted = store.table<true>('dynamodb.half-made-tables');

  const exists = (TableName: string) => answers(engine.ask(`${TARGET}.DescribeTable`, { TableName }));

  return {
    async making(tableName, make) {
      if (await exists(tableName)) return make();
      noted.set(tableName, true);
      try {
        return await make();
      } finally {
        noted.delete(tableName);
      }
    },
    async remove() {
      for (const [TableName] of [...noted.entries()]) {
        if (await exists(TableName)) {
          await engine.ask(`${TARGET}.UpdateTable`, { TableName, DeletionProtectionEnabled: false });
          await engine.ask(`${TARGET}.DeleteTable`, { TableName });
        }
        noted.delete(TableName);
      }
    },
  };
}

async function answers(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return false;
    throw error;
  }
}
