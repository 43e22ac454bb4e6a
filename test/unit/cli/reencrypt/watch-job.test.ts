import { watchJob } from '../../../../cli/reencrypt/watch-job';

/** An API whose job is further with each look. */
function jobThat(...looks: readonly object[]) {
  const asked: unknown[] = [];
  const call = async <Result>(operation: string, input: object) => {
    asked.push([operation, input]);
    return { jobId: 'job-1', ...looks[Math.min(asked.length, looks.length) - 1] } as Result;
  };
  return { asked, call };
}

test('a job is watched until it is over, through parking and going on', async () => {
  const api = jobThat(
    { state: 'running', expected: 10, reencrypted: 2, quarantined: 0 },
    { state: 'parked', parkedBy: 'kms.key-disabled', expected: 10, reencrypted: 4, quarantined: 1 },
    { state: 'done', expected: 10, reencrypted: 9, quarantined: 1 },
  );

  expect(await watchJob('job-1', api, 0)).toMatchObject({ state: 'done', reencrypted: 9, quarantined: 1 });
  expect(api.asked).toEqual(Array(3).fill(['show-reencryption', { jobId: 'job-1' }]));
});

test('a job that was cancelled is over', async () => {
  expect(await watchJob('job-1', jobThat({ state: 'cancelled', reencrypted: 1, quarantined: 0 }), 0)).toMatchObject({
    state: 'cancelled',
  });
});
