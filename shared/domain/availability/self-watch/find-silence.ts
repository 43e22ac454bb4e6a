/** Functions that did not do their work for longer than they may, pages that nobody sent, and accounts that tell nothing any more. */
import { elapsedMs, later, MINUTE_MS, utc } from '../../instants';
import type { Trouble } from '../incidents/trouble';
import { owedSince } from '../paging/owed-page';
import type { Finder, FinderPorts } from './finder';
import type { Forwarder } from './forwarder';
import { type BeatingFunction, beatsOf, type Heartbeat } from './heartbeat';
import { type FoundTrouble, troubleWatchId } from './trouble-watch';

interface Silence {
  readonly trouble: Trouble;
  /** How often it runs, or is woken by a canary. */
  readonly everyMs: number;
}

/** What the silence of a function is called. */
const SILENCE: Readonly<Record<BeatingFunction, Silence>> = {
  'probe-keys': { trouble: 'probes-silent', everyMs: MINUTE_MS },
  'page-oncall': { trouble: 'pages-silent', everyMs: MINUTE_MS },
  'republish-facts': { trouble: 'republish-silent', everyMs: MINUTE_MS },
  'relay-facts': { trouble: 'relay-silent', everyMs: MINUTE_MS },
  'record-key-events': { trouble: 'recording-silent', everyMs: MINUTE_MS },
  'reconcile-keys': { trouble: 'reconciliation-silent', everyMs: 60 * MINUTE_MS },
  'reconcile-trail': { trouble: 'trail-silent', everyMs: 5 * MINUTE_MS },
};

/** Two runs may be lost. */
const SILENT_RUNS = 3;

/** Part of each run fails for so long. */
const FAILING_MS = 10 * MINUTE_MS;

/** A page that is owed for longer is late, whether it was tried or not. */
const PAGE_LATE_MS = 5 * MINUTE_MS;

/** A look is due for so long, and nobody looks: five runs have passed it by. */
const LOOK_LATE_MS = 5 * MINUTE_MS;

/** Rows read of each kind in a run: of more, the first are told. */
const READ_MAX = 200;

/** A function that has never run has no row: whoever looks first starts the clock (`watch-ourselves`). */
export const findSilentFunctions: Finder = {
  speaksFor: [
    'probes-silent',
    'republish-silent',
    'relay-silent',
    'recording-silent',
    'reconciliation-silent',
    'trail-silent',
    'probes-failing',
  ],
  async find(ports) {
    const others = (Object.keys(SILENCE) as readonly BeatingFunction[]).filter((name) => name !== 'page-oncall');
    const answers = await Promise.all([...others.map((name) => silenceOf(name, ports)), failingProbes(ports)]);
    const found = answers.flat();
    const isSilent = found.some(({ trouble }) => trouble === 'probes-silent');
    return { found: [...found, ...(isSilent ? [] : await lateLooks(ports))], isWhole: true };
  },
};

/** One part of what is due may stand still while the others beat. A look that fails is put off, and so not among these. */
async function lateLooks({ control, clock }: FinderPorts): Promise<readonly FoundTrouble[]> {
  const late = await control.due('key-watch', later(clock.now(), -LOOK_LATE_MS), READ_MAX);
  const [first] = late;
  if (!first) return [];
  const count = late.length < READ_MAX ? late.length : `at least ${READ_MAX}`;
  const evidence = `looks at ${count} KMS keys are due for more than five minutes, the first since ${utc(first.dueAt)}`;
  return [{ trouble: 'probes-silent', subject: 'probe-keys', since: first.dueAt, evidence }];
}

async function heartbeatsOf(name: BeatingFunction, { control }: FinderPorts): Promise<readonly Heartbeat[]> {
  const rows = await Promise.all(beatsOf(name).map((one) => control.find('heartbeat', one)));
  return rows.filter((row) => row !== undefined);
}

/** One trouble a function, however many parts of it are silent. A beat that is dated ahead tells as little as an old one. */
async function silenceOf(subject: BeatingFunction, ports: FinderPorts): Promise<readonly FoundTrouble[]> {
  const { trouble, everyMs } = SILENCE[subject];
  const now = ports.clock.now();
  const silent = (await heartbeatsOf(subject, ports)).filter(
    ({ lastAt }) => Math.abs(elapsedMs(lastAt, now)) >= SILENT_RUNS * everyMs,
  );
  const [since] = silent.map(({ lastAt }) => lastAt).sort();
  if (since === undefined) return [];
  const evidence = `nothing of ${silent.map(({ name }) => name).join(', ')} since ${utc(since)}`;
  return [{ trouble, subject, since, evidence }];
}

/** Of probes alone it is told: a page that fails is late, and everything else has dead letters. */
async function failingProbes(ports: FinderPorts): Promise<readonly FoundTrouble[]> {
  const [since] = (await heartbeatsOf('probe-keys', ports)).flatMap(({ failingSince = [] }) => failingSince).sort();
  if (since === undefined || elapsedMs(since, ports.clock.now()) < FAILING_MS) return [];
  const evidence = `probes fail in each run since ${utc(since)}`;
  return [{ trouble: 'probes-failing', subject: 'probe-keys', since, evidence }];
}

/** Pages that are not sent: nobody tries, or no channel takes them. */
export const findLatePages: Finder = {
  speaksFor: ['pages-silent'],
  async find(ports) {
    const [silence, late] = await Promise.all([silenceOf('page-oncall', ports), latePages(ports)]);
    const found = [...silence, ...lateAsTrouble(late)];
    return { found: found.slice(0, 1), isWhole: true };
  },
};

const lateAsTrouble = (late: readonly string[]): readonly FoundTrouble[] => {
  const [since] = late;
  if (since === undefined) return [];
  const evidence = `${late.length} pages are owed for more than five minutes, the first since ${utc(since)}`;
  return [{ trouble: 'pages-silent', subject: 'page-oncall', since, evidence }];
};

/** Since when each late page has been owed, the longest first. What is tried again moves its date by less than a minute. */
export async function latePages({ control, clock }: FinderPorts): Promise<readonly string[]> {
  const now = clock.now();
  const [incidents, stops, warnings] = await Promise.all([
    control.due('incident', later(now, MINUTE_MS), READ_MAX),
    control.due('retirement-stop', later(now, MINUTE_MS), READ_MAX),
    control.due('early-warning', later(now, MINUTE_MS), READ_MAX),
  ]);
  const neverTold = warnings.flatMap(({ pagedAt, at }) => (pagedAt === undefined ? [at] : []));
  return [...incidents.map(owedSince), ...stops.map(({ at }) => at), ...neverTold]
    .filter((since) => since !== undefined)
    .filter((since) => elapsedMs(since, now) > PAGE_LATE_MS)
    .sort();
}

/** So many accounts that fall silent in one minute are told one by one: of more, the way in is likely to be ours. */
const FORWARDERS_APART = 3;
const SEVERAL = 'several accounts of customers';

/**
 * Accounts that have sent a heartbeat before, and nothing for longer than the bound that is on their row. Many at once are one trouble;
 * what was told apart before stays apart, so that nothing is told to be over that is not.
 */
export const findSilentForwarders: Finder = {
  speaksFor: ['forwarder-silent'],
  async find({ control, clock }) {
    const silent = await control.due('forwarder', clock.now(), READ_MAX);
    const isOpen = async (trouble: Pick<FoundTrouble, 'trouble' | 'subject'>) =>
      (await control.find('trouble-watch', troubleWatchId(trouble)))?.openIncidentId !== undefined;
    const each = await Promise.all(
      silent.map(async (forwarder) => {
        const found = silentForwarder(forwarder);
        return { forwarder, found, isApart: await isOpen(found) };
      }),
    );
    const others = each.filter(({ isApart }) => !isApart);
    const isOne =
      others.length > FORWARDERS_APART ||
      (others.length > 0 && (await isOpen({ trouble: 'forwarder-silent', subject: SEVERAL })));
    const apart = isOne ? each.filter(({ isApart }) => isApart) : each;
    return {
      found: [
        ...apart.map(({ found }) => found),
        ...(isOne ? [silentForwarders(others.map(({ forwarder }) => forwarder))] : []),
      ],
      isWhole: silent.length < READ_MAX,
    };
  },
};

const silentForwarder = ({ accountId, customerId, lastAt }: Forwarder): FoundTrouble => ({
  trouble: 'forwarder-silent',
  subject: `account ${accountId} of customer ${customerId}`,
  since: lastAt,
  evidence: `the last event of theirs came at ${utc(lastAt)}`,
});

/** The longest silent first. */
function silentForwarders(silent: readonly Forwarder[]): FoundTrouble {
  const [since = ''] = silent.map(({ lastAt }) => lastAt);
  const count = silent.length < READ_MAX ? silent.length : `${READ_MAX} or more`;
  const named = silent.slice(0, 10).map(({ accountId, customerId }) => `${accountId} of ${customerId}`);
  const evidence = `${count} accounts are silent, so look at our own bus and its policy first; among them ${named.join(', ')}`;
  return { trouble: 'forwarder-silent', subject: SEVERAL, since, evidence };
}
