/**
 * Safeguards of a key: statements of its policy that deny somebody an act by which the key is lost, under whatever condition (a
 * second factor, the length of a waiting period, all but a few roles). None of them is for us: it keeps mistakes of its owner away from our data.
 */
import type { Policy } from './document';
import { matches } from './pattern';

/** Acts by which a key is lost, or by which its safeguards are. */
export const GUARDED_ACTIONS = [
  'kms:DeleteImportedKeyMaterial',
  'kms:DisableKey',
  'kms:PutKeyPolicy',
  'kms:ScheduleKeyDeletion',
] as const;

/**
 * Which of those some statement denies to somebody. A statement that only got a weaker condition guards still: which of two is weaker we
 * do not judge.
 */
export const guardedBy = ({ statements }: Policy): readonly string[] =>
  GUARDED_ACTIONS.filter((action) =>
    statements.some(({ effect, actions }) => {
      const isNamed = actions.names.some(
        (name) => matches(name, action, { wildcards: true, ignoreCase: true }) === true,
      );
      return effect === 'Deny' && isNamed !== actions.isExcept;
    }),
  );
