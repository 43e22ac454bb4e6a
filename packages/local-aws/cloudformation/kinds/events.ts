import { AwsError, type JsonObject } from '../../call';
import { type Context, type Kind, picked } from '../kind';

const eventBus: Kind = {
  async make(properties, context) {
    const Name = String(properties['Name']);
    try {
      await context.call('events', 'CreateEventBus', { Name });
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'ResourceAlreadyExistsException') throw error;
    }
    if (properties['Policy'])
      await context.call('events', 'PutPermission', {
        EventBusName: Name,
        Policy: JSON.stringify(properties['Policy']),
      });
    const Arn = `arn:aws:events:${context.region}:${context.accountId}:event-bus/${Name}`;
    return { physicalId: Name, attributes: { Arn, Name } };
  },
};

const eventBusPolicy: Kind = {
  async make(properties, context) {
    const EventBusName = String(properties['EventBusName'] ?? 'default');
    const StatementId = String(properties['StatementId']);
    const statement = { Sid: StatementId, ...(properties['Statement'] as JsonObject | undefined) };
    const { Policy } = await context.call('events', 'DescribeEventBus', { Name: EventBusName });
    const others =
      Policy === undefined ? [] : (JSON.parse(String(Policy)) as { Statement: readonly JsonObject[] }).Statement;
    const policy = {
      Version: '2012-10-17',
      Statement: [...others.filter(({ Sid }) => Sid !== StatementId), statement],
    };
    await context.call('events', 'PutPermission', { EventBusName, Policy: JSON.stringify(policy) });
    return { physicalId: `${EventBusName}|${StatementId}` };
  },
};

const rule: Kind = {
  async make(properties, context) {
    const Name = String(properties['Name'] ?? context.generatedName.slice(0, 64));
    const EventBusName = busNameOf(properties['EventBusName']);
    const pattern = properties['EventPattern'];
    const { RuleArn } = await context.call('events', 'PutRule', {
      Name,
      EventBusName,
      State: properties['State'] ?? 'ENABLED',
      ...(pattern !== undefined && { EventPattern: typeof pattern === 'string' ? pattern : JSON.stringify(pattern) }),
      ...picked(properties, ['ScheduleExpression', 'Description', 'RoleArn']),
    });
    await putTargets(context, { Rule: Name, EventBusName }, (properties['Targets'] ?? []) as readonly JsonObject[]);
    const physicalId = EventBusName === 'default' ? Name : `${EventBusName}|${Name}`;
    return { physicalId, attributes: { Arn: String(RuleArn) } };
  },
  async remove({ physicalId }, context) {
    const [bus, name] = physicalId.includes('|') ? physicalId.split('|') : ['default', physicalId];
    await putTargets(context, { Rule: String(name), EventBusName: String(bus) }, []);
    await context.call('events', 'DeleteRule', { Name: String(name), EventBusName: String(bus) });
  },
};

export const EVENTS_KINDS: Readonly<Record<string, Kind>> = {
  'AWS::Events::EventBus': eventBus,
  'AWS::Events::EventBusPolicy': eventBusPolicy,
  'AWS::Events::Rule': rule,
};

/** Makes the targets of a rule these and no others. PutTargets answers 200 and lists what it refused. */
async function putTargets(
  context: Context,
  rule: { Rule: string; EventBusName: string },
  targets: readonly JsonObject[],
) {
  const { Targets } = await context.call('events', 'ListTargetsByRule', rule);
  const wanted = new Set(targets.map(({ Id }) => Id));
  const gone = ((Targets ?? []) as readonly JsonObject[]).map(({ Id }) => Id).filter((id) => !wanted.has(id));
  if (gone.length > 0) await context.call('events', 'RemoveTargets', { ...rule, Ids: gone as readonly string[] });
  if (targets.length === 0) return;
  const { FailedEntries } = await context.call('events', 'PutTargets', { ...rule, Targets: targets });
  const [refused] = (FailedEntries ?? []) as readonly JsonObject[];
  if (refused)
    throw new AwsError(String(refused['ErrorCode']), `Target ${refused['TargetId']}: ${refused['ErrorMessage']}`);
}

/** A rule may name its bus or give the bus's ARN. */
function busNameOf(bus: unknown): string {
  return bus === undefined ? 'default' : (String(bus).split('event-bus/').at(-1) ?? 'default');
}
