/**
 * Detection on the packaged product: what a customer does to their key, by each path alone and by pairs, until on-call is paged
 * and until the return is noticed; what is no revocation; and parts of the product that are dead meanwhile.
 * `node bench/run-bundled.mjs detection`
 *
 * Events and applications are measured in real time. Probes come by local AWS's clock, which is moved.
 */

import { isKeys } from '../shared/domain/availability/incidents/incident';
import { ACTS, type Act } from './detection/acts';
import type { CustomerSide } from './detection/customer-side';
import { nonCauses, type OtherFigures } from './detection/non-causes';
import { type Product, productOn } from './detection/product';
import { settled, stepUntil, waitUntil } from './detection/waiting';

const PATHS = ['event', 'in-band', 'probe'] as const;
type Path = (typeof PATHS)[number];

/** What carries each path. */
const CARRIED_BY: Readonly<Record<Path, string>> = {
  event: 'record-key-events',
  'in-band': 'receive-reports',
  probe: 'probe-keys',
};
const COMBINATIONS: readonly (readonly Path[])[] = [
  ['event'],
  ['in-band'],
  ['probe'],
  ['event', 'in-band'],
  ['event', 'probe'],
  ['in-band', 'probe'],
];
/** Copies of each event that come. */
const COPIES = [1, 2, 5, 20, 50];

/** As long as an idle key may be left alone. */
const PROBE_INTERVAL_MS = 4 * 60_000;
const LIMITS = { eventMs: 5_000, inBandMs: 5_000, probeOverIntervalMs: 60_000, recoveryMs: 120_000 };

/** Within so long a page that comes twice has come. */
const TWICE_MS = 3_000;

interface Case {
  readonly act: Act;
  readonly side: CustomerSide;
}

interface Outcome extends Case {
  readonly paths: readonly Path[];
  readonly pages: number;
  readonly isTrueCause: boolean;
  readonly isTrueParty: boolean;
  readonly pagedMs: number;
  readonly recoveredMs: number;
}

/** @param only Names of paths: their combination alone. */
export async function run(root: string, only: readonly string[]): Promise<void> {
  const product = await productOn(root);
  try {
    const outcomes: Outcome[] = [];
    for (const [at, paths] of COMBINATIONS.entries()) {
      if (only.length > 0 && only.join() !== paths.join()) continue;
      const told = await combination(product, paths, at);
      outcomes.push(...told);
      report(paths, told);
    }
    const others = await nonCauses(product);
    const figures = { ...figuresOf(outcomes), ...others };
    console.log(JSON.stringify(figures));
    process.exitCode = isWithin(figures) ? 0 : 1;
  } finally {
    await product.stop();
  }
}

/** Whether a path tells of the act: IAM of a customer’s account is not forwarded, and an application that has its data key asks for no other. */
const TELLS: Readonly<Record<Path, (act: Act) => boolean>> = {
  event: ({ isKmsEvent }) => isKmsEvent,
  'in-band': ({ stopsReads }) => stopsReads,
  probe: () => true,
};
const isTold = (act: Act, paths: readonly Path[]) => paths.some((path) => TELLS[path](act));

async function combination(product: Product, paths: readonly Path[], at: number): Promise<readonly Outcome[]> {
  const { aws } = product;
  await product.switchOff([]);
  const cases: Case[] = [];
  for (const [index, act] of ACTS.filter((one) => isTold(one, paths)).entries()) {
    const number = at * ACTS.length + index;
    const side = await product.customer({
      customerId: `customer-${number}`,
      accountId: String(300_000_000_000 + number),
      copies: COPIES[number % COPIES.length] ?? 1,
      ...act.needs,
    });
    cases.push({ act, side });
  }
  await settled(product, TWICE_MS);
  await product.switchOff(PATHS.filter((path) => !paths.includes(path)).map((path) => CARRIED_BY[path]));
  const application = paths.includes('in-band') ? await product.application(cases.map(({ side }) => side)) : undefined;
  const isTimed = !paths.includes('probe');
  try {
    const takenAt = await each(cases, aws, ({ act, side }) => act.take(side, aws));
    const arePaged = async (of: readonly Case[]) =>
      (await pagesOf(product, of, 'opened')).every(({ length }) => length > 0);
    await waitUntil(() =>
      arePaged(
        cases.filter(({ act }) =>
          isTold(
            act,
            paths.filter((path) => path !== 'probe'),
          ),
        ),
      ),
    );
    if (!isTimed) await stepUntil(product, () => arePaged(cases));
    // What comes twice has come by then.
    await settled(product, TWICE_MS);
    const givenAt = await each(cases, aws, ({ act, side }) => act.giveBack(side, aws));
    if (isTimed) await waitUntil(async () => (await statesOf(product, cases)).every((state) => state !== 'open'));
    await stepUntil(product, async () => (await pagesOf(product, cases, 'closed')).every(({ length }) => length > 0));
    const pages = await pagesOf(product, cases, 'opened');
    const over = await pagesOf(product, cases, 'closed');
    return cases.map((one, index) => {
      const [first] = pages[index] ?? [];
      return {
        ...one,
        paths,
        pages: pages[index]?.length ?? 0,
        isTrueCause: one.act.causes.some((cause) => cause === first?.incident.cause),
        isTrueParty: one.act.parties.some((party) => party === first?.incident.party),
        pagedMs: (first?.sentAt ?? Number.NaN) - (takenAt[index] ?? 0),
        recoveredMs: (over[index]?.[0]?.sentAt ?? Number.NaN) - (givenAt[index] ?? 0),
      };
    });
  } finally {
    await application?.end();
  }
}

/** @returns when each was done, on local AWS's clock. */
const each = (cases: readonly Case[], { clock }: Product['aws'], act: (one: Case) => Promise<void>) =>
  Promise.all(
    cases.map(async (one) => {
      const at = clock.now();
      await act(one);
      return at;
    }),
  );

/** Of each case, the first first. */
async function pagesOf(product: Product, cases: readonly Case[], about: 'opened' | 'closed') {
  const pages = (await product.pages()).flatMap(({ incident, ...page }) =>
    page.about === about && incident && isKeys(incident) ? [{ ...page, incident }] : [],
  );
  return cases.map(({ side }) => pages.filter(({ incident }) => incident.kmsKeyArn === side.kmsKeyArn));
}

const statesOf = async (product: Product, cases: readonly Case[]) =>
  (await pagesOf(product, cases, 'opened')).map(([page]) => page?.incident.state);

function report(paths: readonly Path[], outcomes: readonly Outcome[]): void {
  for (const { act, pages, isTrueCause, isTrueParty, pagedMs, recoveredMs } of outcomes) {
    const wrong = `${isTrueCause ? '' : '  WRONG CAUSE'}${isTrueParty ? '' : '  WRONG PARTY'}`;
    console.log(
      `${paths.join(' + ').padEnd(18)} ${act.name.padEnd(40)} ${pages} page  ${pagedMs} ms, back ${recoveredMs} ms${wrong}`,
    );
  }
}

const worst = (values: readonly number[]) => Math.max(...values);

/** Of some fifty values: the second worst of a hundred is the worst of fifty. */
function figuresOf(outcomes: readonly Outcome[]) {
  const paged = (path: Path) => outcomes.filter(({ paths }) => paths.length === 1 && paths[0] === path);
  return {
    cases: outcomes.length,
    missed: outcomes.filter(({ pages }) => pages === 0).length,
    duplicatePages: outcomes.reduce((sum, { pages }) => sum + Math.max(0, pages - 1), 0),
    wrongParty: outcomes.filter(({ isTrueParty, isTrueCause }) => !isTrueParty || !isTrueCause).length,
    eventP99Ms: worst(paged('event').map(({ pagedMs }) => pagedMs)),
    inBandP99Ms: worst(paged('in-band').map(({ pagedMs }) => pagedMs)),
    probeOverIntervalWorstMs: Math.max(0, worst(paged('probe').map(({ pagedMs }) => pagedMs)) - PROBE_INTERVAL_MS),
    recoveryWorstMs: worst(outcomes.map(({ recoveredMs }) => recoveredMs)),
  };
}

type Figures = ReturnType<typeof figuresOf> & OtherFigures;

function isWithin(figures: Figures): boolean {
  const { missed, duplicatePages, wrongParty, falsePages, operatorIncidentsWrong, unpagedUnderFaults } = figures;
  return (
    missed + duplicatePages + wrongParty + falsePages + operatorIncidentsWrong + unpagedUnderFaults === 0 &&
    figures.eventP99Ms < LIMITS.eventMs &&
    figures.inBandP99Ms < LIMITS.inBandMs &&
    figures.probeOverIntervalWorstMs <= LIMITS.probeOverIntervalMs &&
    figures.recoveryWorstMs < LIMITS.recoveryMs
  );
}
