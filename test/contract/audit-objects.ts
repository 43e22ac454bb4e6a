/** The promises of `AuditObjects`, for every implementation of it. */
import type { AuditObjects } from '../../shared/domain/audit/log/ports';

/** @param open A place with nothing in it. */
export function auditObjectsContract(open: () => Promise<AuditObjects>): void {
  let objects: AuditObjects;
  beforeEach(async () => {
    objects = await open();
  });

  const textOf = async (path: string, customerId = 'acme') => {
    const stored = await objects.read(customerId, path);
    return stored && Buffer.from(stored.bytes).toString();
  };
  const PATH = 'tile/0/x001/000.p/5';

  test('a file that nobody wrote is not there', async () => {
    expect(await objects.read('acme', PATH)).toBeUndefined();
  });

  test('a new file is read as it was written, byte for byte', async () => {
    const bytes = Uint8Array.from({ length: 8192 }, (_, at) => at % 256);

    expect(await objects.create('acme', PATH, bytes)).toBe(true);
    expect(Buffer.compare((await objects.read('acme', PATH))?.bytes ?? Buffer.alloc(0), bytes)).toBe(0);
  });

  test('a file that is there is never created anew', async () => {
    await objects.create('acme', PATH, Buffer.from('first'));

    expect(await objects.create('acme', PATH, Buffer.from('second'))).toBe(false);
    expect(await textOf(PATH)).toBe('first');
  });

  test('a file is replaced by whoever read it last', async () => {
    await objects.create('acme', 'checkpoint', Buffer.from('first'));
    const read = await objects.read('acme', 'checkpoint');

    expect(await objects.replace('acme', 'checkpoint', Buffer.from('second'), read?.tag ?? '')).toBe(true);
    expect(await textOf('checkpoint')).toBe('second');
  });

  test('a file that was changed since it was read is not replaced', async () => {
    await objects.create('acme', 'checkpoint', Buffer.from('first'));
    const read = await objects.read('acme', 'checkpoint');
    await objects.replace('acme', 'checkpoint', Buffer.from('newer'), read?.tag ?? '');

    expect(await objects.replace('acme', 'checkpoint', Buffer.from('older'), read?.tag ?? '')).toBe(false);
    expect(await textOf('checkpoint')).toBe('newer');
  });

  test('a file that is not there is not replaced', async () => {
    expect(await objects.replace('acme', 'checkpoint', Buffer.from('text'), '"tag"')).toBe(false);
    expect(await textOf('checkpoint')).toBeUndefined();
  });

  test.each(['a/b', '..', 'ä ö+?#%', 'acme '])('the files of "%s" are nobody else’s', async (customerId) => {
    await objects.create(customerId, 'checkpoint', Buffer.from('theirs'));

    expect(await textOf('checkpoint', customerId)).toBe('theirs');
    expect(await textOf('checkpoint')).toBeUndefined();
  });

  test('of writers who create one file, exactly one succeeds', async () => {
    const races = await Promise.all(
      Array.from({ length: 8 }, (_, at) => objects.create('acme', PATH, Buffer.from(`writer ${at}`))),
    );

    expect(races.filter(Boolean)).toHaveLength(1);
    expect(await textOf(PATH)).toBe(`writer ${races.indexOf(true)}`);
  });
}
