import { AwsError } from '../../call';
import type { Kind } from '../kind';

const schedule: Kind = {
  async make(properties, context) {
    const Name = String(properties['Name'] ?? context.generatedName.slice(0, 64));
    const input = { ...properties, Name };
    try {
      await context.call('scheduler', 'CreateSchedule', input);
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'ConflictException') throw error;
      await context.call('scheduler', 'UpdateSchedule', input);
    }
    const group = String(properties['GroupName'] ?? 'default');
    const Arn = `arn:aws:scheduler:${context.region}:${context.accountId}:schedule/${group}/${Name}`;
    return { physicalId: Name, attributes: { Arn } };
  },
  async remove({ physicalId, attributes }, context) {
    const GroupName = attributes?.['Arn']?.split('/').at(-2) ?? 'default';
    await context.call('scheduler', 'DeleteSchedule', { Name: physicalId, GroupName });
  },
};

export const SCHEDULER_KINDS: Readonly<Record<string, Kind>> = {
  'AWS::Scheduler::Schedule': schedule,
};
