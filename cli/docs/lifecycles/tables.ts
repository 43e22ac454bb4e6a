/** Every table of legal moves, by the rows that move by it. No production code reads it: `docs/lifecycle.md` and the tests do. */

import { INCIDENT_MOVES } from '../../../shared/domain/availability/incidents/incident';
import { WATCH_MOVES } from '../../../shared/domain/availability/key-watch';
import { NOTICE_MOVES } from '../../../shared/domain/availability/notices/customer-notice';
import { COMPROMISE_MOVES, CONTAINMENT_MOVES, EXPOSURE_MOVES } from '../../../shared/domain/compromise/compromise';
import { DRILL_MOVES } from '../../../shared/domain/drills/drill';
import { KEY_MOVES } from '../../../shared/domain/keys/kms-key';
import type { Moves } from '../../../shared/domain/legal-moves';
import { JOB_MOVES, SHARD_MOVES } from '../../../shared/domain/reencryption/reencryption';
import { APPROVAL_MOVES } from '../../../shared/domain/retirement/approval';
import { BACKUP_MOVES } from '../../../shared/domain/retirement/declared-backup';
import { RETIREMENT_MOVES } from '../../../shared/domain/retirement/retirement';
import { ROTATION_MOVES } from '../../../shared/domain/rotation/rotation';
import type { EntityType, Rows } from '../../../shared/domain/rows';
import { SUBSCRIPTION_MOVES } from '../../../shared/domain/subscriptions/subscription';

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
  'customer-notice': [NOTICE_MOVES],
  drill: [DRILL_MOVES],
  subscription: [SUBSCRIPTION_MOVES],
} as const satisfies Lifecycles & Record<Stateful, unknown>;
