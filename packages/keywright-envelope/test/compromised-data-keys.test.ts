import { confirmNoneLeft } from '../../../shared/domain/compromise/clear-exposure';
import type { ControlStore } from '../../../shared/domain/ports';
import { playLives } from '../../../test/support/lives';
import { type Plant, playCompromises, type Summary } from './compromised-data-keys';

const SEEDS_MAX = 100;

test('no new data names a compromised data key after its window, every record stays readable, and none is left', async () => {
  const { count, sum } = await playLives<Summary>(
    'packages/keywright-envelope/test/compromised-data-keys.ts',
    'playCompromises',
  );

  expect(Math.min(sum.compromises, sum.reprotected)).toBeGreaterThan(count);
}, 120_000);

/** Bugs that somebody could write, each with what finds it. */
const BUGS: Readonly<Record<string, { readonly plant: Plant; readonly law: RegExp }>> = {
  'the mark of the newest data key is not looked at': {
    law: /after the window|still depends|a scan never ends/,
    plant: {
      ports: (ports) => ({
        ...ports,
        dataKeys: {
          ...ports.dataKeys,
          newest: async (...place) => {
            const newest = await ports.dataKeys.newest(...place);
            if (!newest) return undefined;
            const { compromised: _mark, ...dataKey } = newest;
            return dataKey;
          },
        },
      }),
    },
  },
  'a reader does not see the mark': {
    law: /still depends/,
    plant: {
      ports: (ports) => ({
        ...ports,
        dataKeys: {
          ...ports.dataKeys,
          find: async (name) => {
            const found = await ports.dataKeys.find(name);
            if (!found) return undefined;
            const { compromised: _mark, ...dataKey } = found;
            return dataKey;
          },
        },
      }),
    },
  },
  'windows are longer than they say': {
    law: /after the window/,
    plant: {
      ports: (ports) => ({ ...ports, nowMs: () => Math.floor(ports.nowMs() / 7_200_000) * 7_200_000 }),
    },
  },
  'a scan may begin before every window is over': {
    law: /still depends/,
    plant: {
      scanAfterMs: 0,
      confirm: (report, ports) => confirmNoneLeft(report, { ...ports, control: without('cleanFrom', ports.control) }),
    },
  },
};

test.each(Object.entries(BUGS))('it is noticed when %s', async (_, { plant, law }) => {
  expect((await firstBroken(plant))?.message).toMatch(law);
});

async function firstBroken(plant: Plant): Promise<Error | undefined> {
  for (let seed = 0; seed < SEEDS_MAX; seed += 1) {
    try {
      await playCompromises(seed, plant);
    } catch (error) {
      return error as Error;
    }
  }
  return undefined;
}

/** A store whose rows do not show a field. */
function without(field: string, control: ControlStore): ControlStore {
  const find = async (...[entityType, id]: Parameters<typeof control.find>) => {
    const row = await control.find(entityType, id);
    return row && Object.fromEntries(Object.entries(row).filter(([name]) => name !== field));
  };
  return { ...control, find: find as typeof control.find };
}
