/** The promises of `Log`, for every implementation of it. */
import type { Log } from '../../shared/domain/ports';

export interface LogScene {
  readonly log: Log;
  /** The lines that were written, each as it reads. */
  lines(): readonly Readonly<Record<string, unknown>>[];
}

export function logContract(open: () => LogScene): void {
  test.each(['info', 'warn', 'error'] as const)(
    '%s writes one structured line, of its level, with its fields',
    (level) => {
      const { log, lines } = open();

      log[level]('a data key moved', { dataKeyId: 'one', count: 2 });

      expect(lines()).toHaveLength(1);
      expect(lines()[0]).toMatchObject({ message: 'a data key moved', dataKeyId: 'one', count: 2 });
      expect(String(lines()[0]?.['level']).toLowerCase()).toBe(level);
    },
  );

  test('a line needs no fields', () => {
    const { log, lines } = open();

    log.info('begun');

    expect(lines()).toMatchObject([{ message: 'begun' }]);
  });
}
