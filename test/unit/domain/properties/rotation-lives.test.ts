import type { ControlStore } from '../../../../shared/domain/ports';
import { requestRotation } from '../../../../shared/domain/rotation/request-rotation';
import { playLives } from '../../../support/lives';
import { type Plant, type Ports, playRotationLife, type Summary } from './rotation-lives';

const SEEDS_MAX = 300;

test('whatever fails and whoever interferes, rotations begin inside windows, spend what they may, and come to an end', async () => {
  const { count, sum } = await playLives<Summary>('test/unit/domain/properties/rotation-lives.ts', 'playRotationLife');

  expect(Math.min(sum.faults, sum.facts)).toBeGreaterThan(count);
}, 120_000);

/** Bugs that somebody could write, each with the law that finds it. */
const BUGS: Readonly<Record<string, { readonly plant: Plant; readonly law: RegExp }>> = {
  'the window is not looked at': {
    law: /outside the window/,
    plant: { ports: (ports) => ({ ...ports, control: without('window', ports) }) },
  },
  'a due policy begins a rotation although one is open': {
    law: /two rotations/,
    plant: { ports: (ports) => ({ ...ports, control: without('openRotationId', ports) }) },
  },
  'rotations that people asked for are not counted': {
    law: /what is kept|more than its 25/,
    plant: {
      ports: (ports) => ({
        ...ports,
        observer: {
          ...ports.observer,
          materials: async (key) =>
            (await ports.observer.materials(key)).map(({ onDemand: _one, ...material }) => material),
        },
      }),
    },
  },
  'that somebody was reminded is forgotten': {
    law: /asked twice|asked for ever/,
    plant: { ports: (ports) => ({ ...ports, control: without('reminded', ports) }) },
  },
  'a setting that drifted is never set back': {
    law: /another period/,
    plant: {
      ports: (ports) => ({
        ...ports,
        administrator: { ...ports.administrator, enableAutomaticRotation: onceAKey(ports) },
      }),
    },
  },
  'what a person asked for is out of the planner’s sight': {
    law: /never came to rest/,
    plant: {
      verbs: {
        requestRotation: (request, ports) => requestRotation(request, { ...ports, control: withoutPolicies(ports) }),
      },
    },
  },
  'a rule that was set is written down and not into policies': {
    law: /never came to rest/,
    plant: { verbs: { applyRules: async () => 0 } },
  },
};

test.each(Object.entries(BUGS))(
  'it is noticed when %s',
  async (_, { plant, law }) => {
    expect((await firstBroken(plant))?.message).toMatch(law);
  },
  60_000,
);

async function firstBroken(plant: Plant): Promise<Error | undefined> {
  for (let seed = 0; seed < SEEDS_MAX; seed += 1) {
    try {
      await playRotationLife(seed, plant);
    } catch (error) {
      return error as Error;
    }
  }
  return undefined;
}

/** A store whose rows do not show a field. */
function without(field: string, { control }: { readonly control: ControlStore }): ControlStore {
  const find = async (...[entityType, id]: Parameters<typeof control.find>) => {
    const row = await control.find(entityType, id);
    return row && Object.fromEntries(Object.entries(row).filter(([name]) => name !== field));
  };
  return { ...control, find: find as typeof control.find };
}

function onceAKey({ administrator }: Ports): Ports['administrator']['enableAutomaticRotation'] {
  const set = new Set<string>();
  return async (key, periodDays) => {
    if (set.has(key.kmsKeyArn)) return;
    await administrator.enableAutomaticRotation(key, periodDays);
    set.add(key.kmsKeyArn);
  };
}

/** A store that takes no policy. */
function withoutPolicies({ control }: { readonly control: ControlStore }): ControlStore {
  return {
    ...control,
    commit: ({ writes, facts }) =>
      control.commit({ writes: writes.filter(({ entityType }) => entityType !== 'rotation-policy'), facts }),
  };
}
