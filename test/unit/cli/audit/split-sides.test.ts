import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { splitSides } from '../../../../cli/audit/split-sides';

const COUNT = 20_000;

test('of more than is held in memory, what one side lacks is found, whatever is there twice', () => {
  const sides = splitSides<number>();
  for (let number = 0; number < COUNT; number += 1) {
    if (number % 1000 !== 1) sides.add('stream', `name-${number}`, number);
    if (number % 1000 !== 2) sides.add('cloudtrail', `name-${COUNT - 1 - number}`, COUNT - 1 - number);
    if (number % 3 === 0 && number % 1000 !== 1) sides.add('stream', `name-${number}`, number);
  }

  const lone = [...sides.lone()];
  sides.remove();

  const only = (side: string) => lone.filter(({ onlyIn }) => onlyIn === side).map(({ detail }) => detail % 1000);
  expect(new Set(only('stream'))).toEqual(new Set([997]));
  expect(new Set(only('cloudtrail'))).toEqual(new Set([1]));
  expect([lone.length, sides.matched]).toEqual([40, COUNT - 40]);
});

test('nothing of it is left', () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('keywright-compare-'));
  const sides = splitSides<number>();
  sides.add('stream', 'name', 1);
  sides.remove();

  expect(existsSync(tmpdir())).toBe(true);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('keywright-compare-'))).toEqual(before);
});
