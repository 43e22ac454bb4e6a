/** When to kill: moments of a scenario whose course was measured, dealt to lives, from a seed. */
import type { Ended, Moment } from './scenario-process';

type Course = Pick<Ended, 'stepsEndedAtMs' | 'endedAtMs'>;

/**
 * Lives with so many kills each, at moments spread over the whole of the scenario: one in each of as many equal spans.
 * The moments of one life come in their order.
 */
export function livesOf(
  killsOfLives: readonly number[],
  course: Course,
  random: () => number,
): readonly (readonly Moment[])[] {
  const count = killsOfLives.reduce((sum, kills) => sum + kills, 0);
  const instants = Array.from({ length: count }, (_, span) => ((span + random()) / count) * course.endedAtMs);
  const dealt = shuffled(instants, random);
  return killsOfLives.map((kills) =>
    dealt
      .splice(0, kills)
      .sort((a, b) => a - b)
      .map((instant) => momentAt(instant, course)),
  );
}

/** So many kills while the step after so many others is under way. */
export function momentsWithin(
  stepsEnded: number,
  kills: number,
  { stepsEndedAtMs }: Course,
  random: () => number,
): readonly Moment[] {
  const [from = 0, to = from] = [stepsEndedAtMs[stepsEnded - 1], stepsEndedAtMs[stepsEnded]];
  return Array.from({ length: kills }, () => ({ stepsEnded, delayMs: Math.round(random() * (to - from)) }));
}

function momentAt(instant: number, { stepsEndedAtMs }: Course): Moment {
  const stepsEnded = stepsEndedAtMs.filter((endedAtMs) => endedAtMs <= instant).length;
  return { stepsEnded, delayMs: Math.round(instant - (stepsEndedAtMs[stepsEnded - 1] ?? 0)) };
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const keyed = items.map((item) => ({ item, place: random() }));
  return keyed.sort((a, b) => a.place - b.place).map(({ item }) => item);
}
