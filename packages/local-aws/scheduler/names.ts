/** ARNs of schedules and schedule groups. */
export interface Home {
  readonly accountId: string;
  readonly region: string;
}

export const DEFAULT_GROUP = 'default';

export function scheduleArn({ accountId, region }: Home, groupName: string, name: string): string {
  return `arn:aws:scheduler:${region}:${accountId}:schedule/${groupName}/${name}`;
}

export function groupArn({ accountId, region }: Home, name: string): string {
  return `arn:aws:scheduler:${region}:${accountId}:schedule-group/${name}`;
}
