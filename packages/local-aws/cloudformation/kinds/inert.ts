/** Resources that local AWS records and that do nothing here: logs are lines, alarms are read by people. */
import type { Context, Kind } from '../kind';

/** The property that names such a resource, and its ARN. */
const inert = (nameProperty: string, arnOf: (name: string, context: Context) => string): Kind => ({
  make(properties, context) {
    const name = String(properties[nameProperty] ?? context.generatedName);
    return { physicalId: name, attributes: { Arn: arnOf(name, context) } };
  },
});

const home = ({ region, accountId }: Context) => `${region}:${accountId}`;

export const INERT_KINDS: Readonly<Record<string, Kind>> = {
  'AWS::Logs::LogGroup': inert('LogGroupName', (name, context) => `arn:aws:logs:${home(context)}:log-group:${name}:*`),
  'AWS::Logs::MetricFilter': inert('FilterName', (name) => name),
  'AWS::CloudWatch::Alarm': inert('AlarmName', (name, context) => `arn:aws:cloudwatch:${home(context)}:alarm:${name}`),
  'AWS::CloudWatch::Dashboard': inert(
    'DashboardName',
    (name, context) => `arn:aws:cloudwatch::${context.accountId}:dashboard/${name}`,
  ),
  // One version runs here: `$LATEST`.
  'AWS::Lambda::Version': inert('FunctionName', (name) => name),
  'AWS::Lambda::Alias': inert('Name', (name) => name),
};
