/** What the functions that page on-call have in common: all of it but their name and what they do. */
import { controlPorts, pagingPorts, parkPort } from './aws-ports';
import { basicsOf } from './basics';
import { configOf } from './config';

/** The ports of a function that pages on-call. @param name The function’s. */
export function oncallPorts(name: string) {
  const config = configOf([
    'controlTableName',
    'oncallTopicArn',
    'drillTopicArn',
    'channelKeyArn',
    'linkKeyArn',
    'acknowledgeUrl',
    'runbooks',
    'deadLetterQueueUrl',
  ]);
  const basics = basicsOf(name);
  return { ...basics, ...controlPorts(config), ...pagingPorts(config, basics), ...parkPort(config) };
}
