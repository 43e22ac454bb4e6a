/** Drills as a person reads them, in lines of 80 columns. */
import type { DrillList, ShownDrill } from '../../shared/domain/api/drills';
import { type DrillState, isDrillOver, MEASURES } from '../../shared/domain/drills/drill';
import { utc } from '../../shared/domain/instants';
import { colours } from '../output/colours';
import { printable } from '../output/printable-text';
import { table } from '../output/table';
import { wrapped } from '../output/wrapped';

const HAPPENS: Readonly<Record<DrillState, string>> = {
  due: 'waits until the key of drills is free and well',
  provoked: 'the key is taken away',
  lost: 'it is noticed; the page is on its way',
  returning: 'the key is given back; its return is waited for',
  passed: 'passed',
  failed: 'FAILED',
};

/** One line of progress. */
export const progressLine = ({ cause, state }: ShownDrill): string => `${cause}: ${HAPPENS[state]}`;

const seconds = (ms: number | undefined): string => (ms === undefined ? '-' : `${(ms / 1_000).toFixed(1)} s`);

const stateText = (state: DrillState): string =>
  state === 'passed' ? colours.green(state) : state === 'failed' ? colours.red(state) : state;

/** One drill, with what was measured beside what was to be. */
export function showDrill(drill: ShownDrill): string {
  const { drillId, cause, state, missed = [], customerId, requestedBy, requestedAt, incidentId } = drill;
  const figures = [
    ['detected', drill.detectMs, MEASURES.detect],
    ['contained', drill.containMs, MEASURES.contain],
    ['paged', drill.pageMs, MEASURES.page],
    ['recovered', drill.recoverMs, MEASURES.recover],
  ] as const;
  return [
    `Drill ${drillId}: ${cause}, ${stateText(state)}`,
    wrapped(`by ${printable(requestedBy)}, ${utc(requestedAt)}`, '  '),
    ...(customerId === undefined ? [] : [wrapped(`for ${printable(customerId)}, whose key is not touched`, '  ')]),
    '',
    ...figures.map(
      ([name, ms, { withinMs }]) => `  ${name.padEnd(10)} ${seconds(ms).padStart(8)}   within ${withinMs / 1_000} s`,
    ),
    ...(missed.length === 0 ? [] : ['', `  Missed: ${missed.join(', ')}`]),
    ...(incidentId === undefined ? [] : ['', `Timeline: keywright incident ${incidentId}`]),
    ...(isDrillOver(drill) ? [] : ['', `It goes on by itself: keywright drill show ${drillId}`]),
  ].join('\n');
}

const COLUMNS = [
  { title: 'begun' },
  { title: 'cause' },
  { title: 'state' },
  { title: 'detect', align: 'right' },
  { title: 'page', align: 'right' },
  { title: 'recover', align: 'right' },
] as const;

/** The history, the newest first. */
export function showDrills({ drills }: DrillList): string {
  if (drills.length === 0) return 'No drill yet. Run one: keywright drill run';
  return table(
    COLUMNS,
    drills.map(({ provokedAt, requestedAt, cause, state, ...is }) => [
      utc(provokedAt ?? requestedAt).slice(0, 16),
      cause,
      stateText(state),
      seconds(is.detectMs),
      seconds(is.pageMs),
      seconds(is.recoverMs),
    ]),
  );
}
