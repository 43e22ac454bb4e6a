/** The paths of EventBridge Scheduler, all of them: the engine refuses by name what it has not. Source: its service model in botocore 1.29. */
import type { Route } from './rest-json-wire';

const IN_GROUP = { groupName: 'GroupName', clientToken: 'ClientToken' };

export const SCHEDULER_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/schedules/{Name}', operation: 'CreateSchedule' },
  { method: 'GET', path: '/schedules/{Name}', operation: 'GetSchedule', query: IN_GROUP },
  { method: 'PUT', path: '/schedules/{Name}', operation: 'UpdateSchedule' },
  { method: 'DELETE', path: '/schedules/{Name}', operation: 'DeleteSchedule', query: IN_GROUP },
  { method: 'GET', path: '/schedules', operation: 'ListSchedules', query: { ScheduleGroup: 'GroupName' } },
  { method: 'POST', path: '/schedule-groups/{Name}', operation: 'CreateScheduleGroup' },
  { method: 'GET', path: '/schedule-groups/{Name}', operation: 'GetScheduleGroup' },
  { method: 'DELETE', path: '/schedule-groups/{Name}', operation: 'DeleteScheduleGroup', query: IN_GROUP },
  { method: 'GET', path: '/schedule-groups', operation: 'ListScheduleGroups' },
  { method: 'GET', path: '/tags/{ResourceArn}', operation: 'ListTagsForResource' },
  { method: 'POST', path: '/tags/{ResourceArn}', operation: 'TagResource' },
  { method: 'DELETE', path: '/tags/{ResourceArn}', operation: 'UntagResource' },
];
