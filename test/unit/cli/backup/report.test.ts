import { showBackup, showBackups } from '../../../../cli/backup/command';
import type { ShownBackup } from '../../../../shared/domain/api/backups';
import { anArn, NOW } from '../../../support/make';

const backup = (fields: Partial<ShownBackup> = {}): ShownBackup => ({
  ...{ backupId: 'dump-7', kmsKeyArn: anArn(), description: 'the dump of May', retainUntil: NOW },
  ...{ declaredBy: 'arn', declaredAt: NOW, state: 'kept' },
  ...fields,
});

test.each([
  ['kept', `keeps its key until 2026-11-24 12:00:00 UTC`],
  ['over', 'is over, and needs its key no more'],
  ['released', 'is released, and needs its key no more'],
] as const)('a backup that is %s says what that means for its key', (state, words) => {
  expect(showBackup(backup({ state }), false)).toContain(`Backup dump-7 (the dump of May) ${words}.`);
  expect(showBackup(backup({ state }), false)).not.toContain('Nothing was touched');
  expect(showBackup(backup({ state }), true)).toContain('Nothing was touched.');
});

test('a list shows each, and how to declare the first', () => {
  expect(showBackups([backup(), backup({ backupId: 'old', state: 'over' })], true)).toMatch(
    /dump-7 +kept.*old +over.*There are more/s,
  );
  expect(showBackups([], false)).toContain('keywright backup declare');
});
