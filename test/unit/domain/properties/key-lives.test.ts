import { playLives } from '../../../support/lives';
import type { Summary } from './key-lives';

test('whatever fails, comes twice or comes late, no key loses a data key, and everything comes to an end', async () => {
  const { count, sum } = await playLives<Summary>('test/unit/domain/properties/key-lives.ts', 'playKeyLife');

  // A world in which nothing fails and nothing is decided would keep every law.
  expect(Math.min(sum.faults, sum.facts, sum.jobs)).toBeGreaterThan(count);
}, 120_000);
