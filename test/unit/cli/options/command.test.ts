import { showComparison, showOption } from '../../../../cli/options/command';
import { shownOptions } from '../../../../shared/domain/api/list-options';
import { ENCRYPTION_OPTION_TABLE } from '../../../../shared/domain/customers/option-descriptions';

const options = shownOptions();

test('there are six options, and each has every column', () => {
  expect(options).toHaveLength(6);
  const columns = Object.keys(options[0] ?? {}).filter((column) => column !== 'refusedBecause');
  for (const option of options) for (const column of columns) expect(option).toHaveProperty([column]);
});

test('nothing that is printed is wider than a terminal', () => {
  const printed = [showComparison(options), ...options.map(showOption)].join('\n').split('\n');

  expect(printed.filter((line) => line.length > 80)).toEqual([]);
});

test('a comparison answers every question for every option', () => {
  const questions = showComparison(options).split('\n\n');

  expect(questions).toHaveLength(18);
  for (const question of questions)
    for (const { option } of options) expect(question).toMatch(new RegExp(`^  ${option} `, 'm'));
});

test('where new data stores cannot have an option, its page says why and what to use', () => {
  for (const { refusedBecause } of Object.values(ENCRYPTION_OPTION_TABLE))
    if (refusedBecause !== undefined) expect(refusedBecause).toMatch(/\. Use [a-z-]+/);
  expect(ENCRYPTION_OPTION_TABLE.none.refusedBecause).toBeDefined();
});
