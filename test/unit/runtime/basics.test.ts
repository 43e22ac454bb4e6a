/** The time, identifiers, the log and the pause: of the machine, and as tests have them. */
import { setTimeout } from 'node:timers/promises';
import { basicsOf, pausePort } from '../../../shared/runtime/basics';
import { clockContract } from '../../contract/clock';
import { idsContract } from '../../contract/ids';
import { logContract } from '../../contract/log';
import { pauseContract } from '../../contract/pause';
import { countedIds } from '../../support/make';
import { testClock } from '../../support/rotation-world';

const wait = (ms: number) => setTimeout(ms);

describe('a clock of the machine', () => {
  clockContract(() => ({ clock: basicsOf('test').clock, pass: wait }));
});

describe('a clock that tests move', () => {
  clockContract(() => {
    const clock = testClock();
    return { clock, pass: async (ms) => clock.advance(ms) };
  });
});

describe('identifiers of the machine', () => {
  idsContract(() => ({ ids: basicsOf('test').ids, pass: () => wait(2) }));
});

describe('identifiers that tests count', () => {
  idsContract(() => ({ ids: countedIds(), pass: async () => undefined }));
});

describe('the log of a function', () => {
  logContract(() => {
    const written: string[] = [];
    // Powertools writes by a console of its own, to the standard output.
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    return { log: basicsOf('test').log, lines: () => written.map((line) => JSON.parse(line)) };
  });
  afterEach(() => jest.restoreAllMocks());
});

describe('a pause of the machine', () => {
  pauseContract(() => ({ pause: pausePort, passedMs: () => performance.now() }));
});
