/** Every table of legal moves, by the rows that move by it. No production code reads it: `docs/lifecycle.md` and the tests do. */

import { INCIDENT_MOVES } from './availability/incident';
import { WATCH_MOVES } from './availability/key-watch';
import { COMPROMISE_MOVES, CONTAINMENT_MOVES, EXPOSURE_MOVES } from './compromise/compromise';
import { KEY_MOVES } from './keys/kms-key';
import type { Moves } from './legal-moves';
import { JOB_MOVES, SHARD_MOVES } from './reencryption/reencryption';
import { APPROVAL_MOVES } from './retirement/approval';
import { BACKUP_MOVES } from './retirement/declared-backup';
import { RETIREMENT_MOVES } from './retirement/retirement';
import { ROTATION_MOVES } from './rotation/rotation';
import type { EntityType, Rows } from './rows';

/** Rows that say in which state they are. */
type Stateful = {
  [N in EntityType]: Rows[N] extends { readonly state: string } | { readonly stage: string } ? N : never;
}[EntityType];

type Lifecycles = { readonly [N in EntityType]?: readonly Moves<Rows[N]>[] };

/** A row type with a `state` or a `stage` that has no table does not compile. */
export const LIFECYCLES = {
  'kms-key': [KEY_MOVES],
  rotation: [ROTATION_MOVES],
  'reencryption-job': [JOB_MOVES],
  'reencryption-shard': [SHARD_MOVES],
  retirement: [RETIREMENT_MOVES],
  approval: [APPROVAL_MOVES],
  'declared-backup': [BACKUP_MOVES],
  compromise: [COMPROMISE_MOVES, CONTAINMENT_MOVES],
  exposure: [EXPOSURE_MOVES],
  'key-watch': [WATCH_MOVES],
  incident: [INCIDENT_MOVES],
} as const satisfies Lifecycles & Record<Stateful, unknown>;
