import { type LogSink, type LogSource, readLog } from '../../../../shared/adapters/log-files/read-log';
import { aKmsRecord } from '../../../support/cloudtrail-records';
import { logOf } from '../../../support/log-files';

/** An input that hands out its chunks and then fails. */
function anInput(chunks: readonly string[], failure?: Error): LogSource {
  async function* bytes() {
    for (const chunk of chunks) yield Buffer.from(chunk);
    if (failure) throw failure;
  }
  return { name: 'log', isLines: false, isOthers: false, bytes };
}

function aSink(some: Partial<LogSink> = {}) {
  const told: string[] = [];
  const sink: LogSink = {
    record: (record) => told.push(`record ${record.eventName}`),
    other: (kind) => told.push(`other ${kind}`),
    rejected: (index, reason) => told.push(`rejected ${index} ${reason}`),
    skipped: (reason) => told.push(`skipped ${reason}`),
    settle: async () => undefined,
    read() {},
    ...some,
  };
  return { told, sink };
}

const diskError = (code: string) => Object.assign(new Error(`${code}: no luck`), { code, errno: -5, syscall: 'read' });
const log = logOf([aKmsRecord(), aKmsRecord()]);

test('a file that can only be read in part keeps that part, and says why', async () => {
  const { told, sink } = aSink();

  await readLog(anInput([log.slice(0, -40)], diskError('EIO')), sink);

  expect(told).toEqual(['record Decrypt', expect.stringContaining('rejected 1 it cannot be read: EIO')]);
});

test('a failure to write what was taken is not blamed on the file', async () => {
  const { told, sink } = aSink({ settle: () => Promise.reject(diskError('ENOSPC')) });

  await expect(readLog(anInput([log]), sink)).rejects.toThrow('ENOSPC');
  expect(told.filter((line) => line.startsWith('rejected'))).toEqual([]);
});

test('a bug in the reader is not taken for a damaged file', async () => {
  await expect(readLog(anInput([log], new TypeError('a bug')), aSink().sink)).rejects.toThrow('a bug');
});

test('what is wrong before the first sound record is told by its place once the file proves to be a log', async () => {
  const { told, sink } = aSink();

  await readLog(anInput([`{"a":1}\n${JSON.stringify(aKmsRecord())}\n`]), sink);

  expect(told).toEqual(['rejected 0 record.eventVersion: is missing', 'record Decrypt']);
});
