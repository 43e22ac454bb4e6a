/** The promises of `LiveTraffic`, for every implementation of it. */
import type { LiveTraffic } from '../../shared/domain/reencryption/quota/ports';

/** @param open What one process reports by, and another counts by; nothing was reported yet. */
export function liveTrafficContract(
  open: (nowMs: () => number) => Promise<(reporter: string) => Promise<LiveTraffic> | LiveTraffic>,
): void {
  const more = { calls: 10, throttled: 1, latencyMs: 65 };
  let nowMs = 5_000;
  let process: (reporter: string) => Promise<LiveTraffic> | LiveTraffic;
  beforeEach(async () => {
    nowMs = 5_000;
    process = await open(() => nowMs);
  });

  test('what nobody ever reported is not counted as nothing', async () => {
    expect(await (await process('one')).count('own/eu-west-3')).toBeUndefined();
  });

  test('what processes report adds up, since ever, and says when the last one did', async () => {
    for (const reporter of ['one', 'two', 'three', 'four', 'five', 'six']) {
      nowMs += 1_000;
      await (await process(reporter)).report('own/eu-west-3', more);
    }
    await (await process('one')).report('own/eu-west-3', more);

    expect(await (await process('seven')).count('own/eu-west-3')).toEqual({
      calls: 70,
      throttled: 7,
      latencyMs: 455,
      reportedAtMs: 11_000,
    });
  });

  test('every quota is counted for itself', async () => {
    const live = await process('one');
    await live.report('own/eu-west-3', more);
    await live.report('999988887777/eu-west-3', { ...more, calls: 3 });

    expect((await live.count('own/eu-west-3'))?.calls).toBe(10);
    expect((await live.count('999988887777/eu-west-3'))?.calls).toBe(3);
    expect(await live.count('own/eu-west-1')).toBeUndefined();
  });

  test('reports at the same time lose nothing', async () => {
    const processes = await Promise.all(Array.from({ length: 20 }, (_, at) => process(`process-${at}`)));

    await Promise.all(processes.map((live) => live.report('own/eu-west-3', more)));

    expect((await processes[0]?.count('own/eu-west-3'))?.calls).toBe(200);
  });
}
