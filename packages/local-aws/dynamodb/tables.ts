/**
 * Which tables there are to be, and what became of them.
 *
 * dynoxide makes a table in several steps that are kept one by one: killed between them it knows a table, and refuses
 * to make it again, that it can neither read nor write. Nobody was told that such a table exists, so it goes at the next
 * start and is made anew when it is asked for again. A table that somebody was told of is there at every later start, or
 * the engine is not the one that it was made in.
 */
import { AwsError } from '../call';
import type { EngineDeps } from '../contracts';
import { LocalAwsFault } from '../start-refused';
import type { Upstream, UpstreamAnswer } from './upstream';

const TARGET = 'DynamoDB_20120810';

export interface Tables {
  /** Sends what makes a table, noted until the engine has answered. One that exists is not noted anew, and so not removed. */
  making(tableName: string, send: () => Promise<UpstreamAnswer>): Promise<UpstreamAnswer>;
  /** Sends what deletes a table. */
  deleting(tableName: string, send: () => Promise<UpstreamAnswer>): Promise<UpstreamAnswer>;
  /** Removes what an earlier process did not hear the end of. */
  removeHalfMade(): Promise<void>;
  /** @throws LocalAwsFault when one that was made is not there. */
  requireAll(): Promise<void>;
  /** Removes every table of ours from the engine. */
  removeAll(): Promise<void>;
}

export function tablesOf({ store }: Pick<EngineDeps, 'store'>, engine: Pick<Upstream, 'ask'>): Tables {
  const states = store.table<'being made' | 'made'>('dynamodb.tables');

  const exists = (TableName: string) => answers(engine.ask(`${TARGET}.DescribeTable`, { TableName }));
  const remove = async (TableName: string) => {
    await engine.ask(`${TARGET}.UpdateTable`, { TableName, DeletionProtectionEnabled: false });
    await engine.ask(`${TARGET}.DeleteTable`, { TableName });
  };
  const named = (wanted: 'being made' | 'made') =>
    [...states.entries()].flatMap(([name, state]) => (state === wanted ? [name] : []));

  return {
    async making(tableName, send) {
      if (await exists(tableName)) return send();
      states.set(tableName, 'being made');
      let isMade = false;
      try {
        const answer = await send();
        isMade = answer.status === 200;
        return answer;
      } finally {
        if (isMade) states.set(tableName, 'made');
        else states.delete(tableName);
      }
    },
    async deleting(tableName, send) {
      const answer = await send();
      if (answer.status === 200) states.delete(tableName);
      return answer;
    },
    async removeHalfMade() {
      for (const name of named('being made')) {
        if (await exists(name)) await remove(name);
        states.delete(name);
      }
    },
    async requireAll() {
      for (const name of named('made')) if (!(await exists(name))) throw gone(name);
    },
    async removeAll() {
      const { TableNames } = await engine.ask(`${TARGET}.ListTables`, {});
      for (const name of TableNames as readonly string[]) await remove(name);
    },
  };
}

const gone = (name: string) =>
  new LocalAwsFault(
    `DynamoDB has no table ${name} any more, which was made by an earlier run on this folder. Start the DynamoDB that has it, or name another folder to begin anew.`,
  );

async function answers(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return false;
    throw error;
  }
}
