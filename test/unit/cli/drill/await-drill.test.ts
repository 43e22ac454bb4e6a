/** `keywright drill run` tells each state once, and ends with the drill. */
import { awaitDrill } from '../../../../cli/drill/await-drill';
import { progressLine, showDrill, showDrills } from '../../../../cli/drill/report';
import type { ShownDrill } from '../../../../shared/domain/api/drills';
import type { DrillState } from '../../../../shared/domain/drills/drill';
import { anArn, NOW } from '../../../support/make';

const aDrill = (state: DrillState, fields: Partial<ShownDrill> = {}): ShownDrill => ({
  drillId: 'drill-1',
  cause: 'key-disabled',
  kmsKeyArn: anArn(),
  state,
  requestedBy: 'arn:aws:sts::111122223333:assumed-role/operator/ada',
  requestedAt: NOW,
  ...fields,
});

test('each state is told once, in order, until it is over', async () => {
  const states: DrillState[] = ['due', 'provoked', 'provoked', 'lost', 'returning', 'returning', 'passed'];
  const told: string[] = [];
  const api = { call: async <Result>() => ({ drill: aDrill(states.shift() ?? 'passed') }) as Result };

  const ended = await awaitDrill(aDrill('due'), api, (drill) => void told.push(drill.state), 1);

  expect(ended.state).toBe('passed');
  expect(told).toEqual(['due', 'provoked', 'lost', 'returning', 'passed']);
});

test('what is shown fits 80 columns, with what was missed', () => {
  const drill = aDrill('failed', {
    detectMs: 71_234,
    containMs: 71_234,
    missed: ['detect', 'contain', 'page', 'recover'],
    customerId: 'globex',
    incidentId: '019ac000-0000-7000-8000-000000000000',
    endedAt: NOW,
  });
  const text = [showDrill(drill), showDrills({ drills: [drill, aDrill('passed', { cause: 'key-pending-deletion' })] })];

  expect(text.join('\n')).toContain('Missed: detect, contain, page, recover');
  expect(text[0]).toContain('detected     71.2 s   within 60 s');
  expect(text[0]).toMatch(/paged +- +within/);
  for (const line of text.join('\n').split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('progress is a line a state', () => {
  expect(progressLine(aDrill('provoked'))).toBe('key-disabled: the key is taken away');
});
