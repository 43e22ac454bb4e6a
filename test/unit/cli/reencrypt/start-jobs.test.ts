import type { Api } from '../../../../cli/operate/api';
import { ApiRefusal } from '../../../../cli/operate/api-refusal';
import { startAll } from '../../../../cli/reencrypt/start-jobs';

const PAGES: Record<string, object> = {
  first: {
    keys: [
      { kmsKeyArn: 'a', state: 'active' },
      { kmsKeyArn: 'b', state: 'disabled' },
    ],
    next: 'second',
  },
  second: {
    keys: [
      { kmsKeyArn: 'c', state: 'retiring' },
      { kmsKeyArn: 'd', state: 'active' },
    ],
  },
};

/** Answers as the API does; key `c` is refused. */
function anApi() {
  const asked: unknown[] = [];
  const call = async (name: string, input: { after?: string; key?: string }) => {
    if (name === 'list-all-keys') return PAGES[input.after ?? 'first'];
    asked.push(input);
    if (input.key === 'c') throw new ApiRefusal('state.forbids', 'kmsKeyArn: it is disabled in KMS.');
    return { jobs: [{ kmsKeyArn: input.key, toMove: input.key === 'a' ? 3 : 0 }] };
  };
  return { api: { call } as unknown as Api, asked };
}

test('every key in use is asked, page after page, and what one refuses keeps no other back', async () => {
  const { api, asked } = anApi();
  const told: number[] = [];

  const started = await startAll({ dryRun: true }, api, (keys) => told.push(keys));

  expect(asked).toEqual(['a', 'c', 'd'].map((key) => ({ dryRun: true, key })));
  expect(started).toEqual({
    keys: 3,
    jobs: [{ kmsKeyArn: 'a', toMove: 3 }],
    refused: [{ kmsKeyArn: 'c', reason: 'kmsKeyArn: it is disabled in KMS.' }],
  });
  expect(told).toEqual([1, 2, 3]);
});
