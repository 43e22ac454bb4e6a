/** The promises of `TrailFiles` and `DigestKeys`, for every implementation of them. */

import { faultOfDigest, isLinked, linkTo, readDigest } from '../../shared/domain/audit/trail/digest';
import type { DigestKeys, TrailFiles } from '../../shared/domain/audit/trail/ports';

export interface OpenTrail {
  readonly files: TrailFiles;
  readonly keys: DigestKeys;
  readonly accountId: string;
  readonly bucket: string;
}

/** @param open A trail with two digests, the first of which lists one log file of one or more records of KMS. */
export function trailContract(open: () => Promise<OpenTrail>): void {
  let trail: OpenTrail;
  beforeAll(async () => {
    trail = await open();
  });

  const digestsOf = async () => {
    const keys = await trail.files.digestsAfter('', 10);
    return Promise.all(keys.map((key) => trail.files.digest(key)));
  };

  test('digests come in the order of their times, behind a key, and no more than asked for', async () => {
    const [first = '', second = ''] = await trail.files.digestsAfter('', 10);

    expect(first < second).toBe(true);
    expect(await trail.files.digestsAfter(first, 10)).toEqual([second]);
    expect(await trail.files.digestsAfter('', 1)).toEqual([first]);
    expect(await trail.files.digestsAfter(second, 10)).toEqual([]);
  });

  test('a day has a place before its digests, and behind those of the day before', async () => {
    const [first = '', second = ''] = await trail.files.digestsAfter('', 10);
    const [year, month, date] = /(\d{4})\/(\d\d)\/(\d\d)\/[^/]*$/.exec(first)?.slice(1) ?? [];

    expect(await trail.files.digestsAfter(trail.files.beforeDay(`${year}-${month}-${date}`), 10)).toEqual([
      first,
      second,
    ]);
    expect(await trail.files.digestsAfter(trail.files.beforeDay('2999-01-01'), 10)).toEqual([]);
  });

  test('each digest is signed by a key of CloudTrail, and linked to the one before it', async () => {
    const [first, second] = await digestsOf();
    if (!first || !second) throw new Error('there are two');
    const [before, after] = [readDigest(first), readDigest(second)];
    const keys = await trail.keys.publicKeys(before.from, after.to);

    expect([before, after].map(({ to }) => to)).toEqual([before.to, after.to].sort());
    expect(faultOfDigest(first, before, { accountId: trail.accountId, keys })).toBeUndefined();
    expect(faultOfDigest(second, after, { accountId: trail.accountId, keys })).toBeUndefined();
    expect(isLinked(after, linkTo(first))).toBe(true);
  });

  test('a log file has the hash that its digest says, and gives the records of KMS with their place', async () => {
    const [first] = await digestsOf();
    const listed = first && readDigest(first).logFiles[0];
    const file = await trail.files.logFile(listed?.bucket ?? '', listed?.key ?? '');
    if (file === undefined || file === 'too-large') throw new Error('it is there');
    const places: unknown[] = [];
    const { damaged } = await file.read(async (records) => {
      for (const { received } of records) places.push(received.provenance);
    });

    expect(file.sha256).toBe(listed?.sha256);
    expect(damaged).toBe(0);
    expect(places.length).toBeGreaterThan(0);
    expect(places[0]).toMatchObject({ via: 'file', object: listed?.key });
  });

  test('log files are found by the hour that they are dated in', async () => {
    const [first] = await digestsOf();
    const key = (first && readDigest(first).logFiles[0]?.key) ?? '';
    const [, date = '', hour = ''] = /_(\d{8})T(\d\d)\d\dZ_/.exec(key) ?? [];
    const day = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;

    expect(await trail.files.logFilesOfHour(`${day}T${hour}`, 10)).toContain(key);
    expect(await trail.files.logFilesOfHour('2001-01-01T00', 10)).toEqual([]);
  });

  test('what is not there is undefined, and so is what another bucket holds', async () => {
    const [first] = await digestsOf();
    const key = (first && readDigest(first).logFiles[0]?.key) ?? '';

    expect(await trail.files.digest(`${key}-gone`)).toBeUndefined();
    expect(await trail.files.logFile(trail.bucket, `${key}-gone`)).toBeUndefined();
    expect(await trail.files.logFile('somebody-elses', key)).toBeUndefined();
  });
}
