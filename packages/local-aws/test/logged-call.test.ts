import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call, Engine } from '../call';
import { loggedCall } from '../logged-call';
import { openStore, type Store } from '../store';

const folder = mkdtempSync(join(tmpdir(), 'logged-call-'));
const journal = join(folder, 'journal.jsonl');
afterAll(() => rmSync(folder, { recursive: true }));

const CALL: Call = {
  service: 'kms',
  operation: 'DisableKey',
  region: 'eu-central-1',
  caller: { type: 'IAMUser', accountId: '111122223333', arn: 'arn:aws:iam::111122223333:user/a', principalId: 'AIDA' },
  input: {},
  requestId: 'r',
  sourceIp: '127.0.0.1',
  userAgent: 'test',
};
const TRAIL = { eventSource: 'kms.amazonaws.com', readOnly: false, requestParameters: null, responseElements: null };

const disabling = (store: Store): Engine => ({
  service: 'kms',
  handle() {
    store.table('keys').set('key', { state: 'Disabled' });
    return { trail: TRAIL };
  },
});

const recorderOn = (store: Store) => ({
  store,
  trail: { record: (call: Call) => store.table('records').set(call.requestId, call.operation) },
});

test('killed at any moment, a call had its effect and its record, or neither', async () => {
  const store = openStore(folder);
  await loggedCall(disabling(store), CALL, recorderOn(store));
  store.close();
  const written = readFileSync(journal);

  const after = Array.from({ length: written.length + 1 }, (_, bytes) => {
    writeFileSync(journal, written);
    truncateSync(journal, bytes);
    const left = openStore(folder);
    left.close();
    return { effect: left.table('keys').has('key'), record: left.table('records').has('r') };
  });

  expect(after.filter(({ effect, record }) => effect !== record)).toEqual([]);
  expect(after.at(-1)).toEqual({ effect: true, record: true });
});

test('a call that pauses is recorded when it ends', async () => {
  const store = openStore();
  const pausing: Engine = {
    service: 'kms',
    handle: async () => {
      await new Promise(setImmediate);
      return { output: { KeyId: 'key' }, trail: TRAIL };
    },
  };

  expect(await loggedCall(pausing, CALL, recorderOn(store))).toMatchObject({ output: { KeyId: 'key' } });
  expect(store.table('records').has('r')).toBe(true);
});
