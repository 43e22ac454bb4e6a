import { pageLines } from '../../../../cli/start/page-lines';

test('what goes on stands below what it goes on', () => {
  expect(pageLines('Next step:  Ask the key’s owner to enable it', 30)).toEqual([
    'Next step:  Ask the key’s',
    '            owner to enable it',
  ]);
  expect(pageLines('            - acme/files: downloads, exports', 32)).toEqual([
    '            - acme/files:',
    '              downloads, exports',
  ]);
});

test('a command can be copied', () => {
  const command = '            keywright ack 01a4 --note "who does what"';
  expect(pageLines(command, 30)).toEqual([command]);
});
