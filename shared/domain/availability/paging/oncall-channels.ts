/** On-call's channels, and what every page to them has in common. */
import { KeywrightError } from '../../errors';
import { defined } from '../../optional-fields';
import type { Ids } from '../../ports';
import { acknowledgeLink, type LinkPorts } from '../acknowledging/acknowledge-link';
import { type Incident, isDrill } from '../incidents/incident';
import { type Channel, drillChannel, ONCALL } from './channel';
import type { Reader } from './page-lines';
import { type Outcome, type SendPorts, withDefault } from './send-pages';

export interface PagePorts extends SendPorts, LinkPorts {
  readonly ids: Ids;
  /** The topic of the stack: the channel that is always there. */
  readonly oncallTopicArn: string;
  /** The topic of the stack that takes the pages of drills. */
  readonly drillTopicArn: string;
  /** Where the runbooks are: a URL, or a path in the repository. Pages name them below it. */
  readonly runbooks: string;
}

/** A page that is not out after so long is sent again: longer than its function may take, and within the next run. */
export const AGAIN_MS = 45_000;

/** Whoever reads what the channel is sent. */
export const readerOf = ({ timeZone }: Channel, { runbooks }: Pick<PagePorts, 'runbooks'>): Reader => ({
  timeZone,
  runbooks,
});

/** The same, with their link to acknowledge the incident. */
export const readerAbout = async (incident: Incident, channel: Channel, ports: PagePorts): Promise<Reader> => ({
  ...readerOf(channel, ports),
  ...defined({ acknowledgeUrl: await acknowledgeLink(incident, channel.name, ports) }),
});

/** The error of a page that is owed still. */
export const notTaken = (id: string, outcomes: ReadonlyMap<string, Outcome>) =>
  new KeywrightError('page.not-sent', 'No channel took a page. It is sent again every minute.', {
    incidentId: id,
    channels: [...outcomes.keys()],
  });

/** As they were added, and the stack's own last. */
export const channelsOf = async ({ control, oncallTopicArn }: PagePorts): Promise<readonly Channel[]> =>
  withDefault(await control.find('page-channels', ONCALL), oncallTopicArn);

/** Who is paged for an incident. A drill's page goes the same way, but for where it ends: nobody on call is woken. */
export const channelsFor = async (incident: Incident, ports: PagePorts): Promise<readonly Channel[]> =>
  isDrill(incident) ? [drillChannel(ports.drillTopicArn)] : channelsOf(ports);
