/** Schedules and their groups as rows. */
import type { Clock } from '../clock';
import type { Store } from '../store';
import { DEFAULT_GROUP, groupArn, type Home } from './names';

/** A target as CreateSchedule gave it; the parts that delivery reads are typed. */
export type Target = {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input?: string;
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly SqsParameters?: { readonly MessageGroupId?: string };
  readonly EventBridgeParameters?: { readonly DetailType?: string; readonly Source?: string };
};

export interface ScheduleRow extends Home {
  readonly arn: string;
  readonly name: string;
  readonly groupName: string;
  readonly expression: string;
  readonly timeZone: string;
  readonly window: { readonly Mode: 'OFF' | 'FLEXIBLE'; readonly MaximumWindowInMinutes?: number };
  readonly target: Target;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly description?: string;
  readonly startDate?: number;
  readonly endDate?: number;
  readonly afterCompletion: 'NONE' | 'DELETE';
  readonly kmsKeyArn?: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** Of the call that created it: the same call again changes nothing. */
  readonly clientToken?: string;
}

export interface Group extends Home {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ScheduleBook {
  find(arn: string): ScheduleRow | undefined;
  put(schedule: ScheduleRow): void;
  remove(arn: string): void;
  /** By name. */
  list(home: Home): readonly ScheduleRow[];
  /** Every account has a default group in each Region. */
  findGroup(home: Home, name: string): Group | undefined;
  groupByArn(arn: string): Group | undefined;
  putGroup(group: Group): void;
}

export function scheduleBook({ store, clock }: { readonly store: Store; readonly clock: Clock }): ScheduleBook {
  const schedules = store.table<ScheduleRow>('scheduler.schedules');
  const groups = store.table<Group>('scheduler.groups');
  const findGroup = (home: Home, name: string): Group | undefined => {
    const group = groups.get(groupArn(home, name));
    if (group !== undefined || name !== DEFAULT_GROUP) return group;
    const opened = newGroup(home, name, clock.now());
    groups.set(opened.arn, opened);
    return opened;
  };
  return {
    find: (arn) => schedules.get(arn),
    put: (schedule) => schedules.set(schedule.arn, schedule),
    remove: (arn) => schedules.delete(arn),
    list: ({ accountId, region }) =>
      [...schedules.values()]
        .filter((row) => row.accountId === accountId && row.region === region)
        .sort((one, other) => (one.name < other.name ? -1 : 1)),
    findGroup,
    groupByArn: (arn) => groups.get(arn),
    putGroup: (group) => groups.set(group.arn, group),
  };
}

export function newGroup({ accountId, region }: Home, name: string, now: number): Group {
  return { accountId, region, arn: groupArn({ accountId, region }, name), name, createdAt: now, tags: {} };
}
