import { windowOf } from '../../../../cli/policy/window';

test.each([
  ['mon-fri 22:00-06:00 Europe/Berlin', ['mon', 'tue', 'wed', 'thu', 'fri']],
  ['sat-mon 22:00-06:00 Europe/Berlin', ['sat', 'sun', 'mon']],
  ['tue,thu-fri 22:00-06:00 Europe/Berlin', ['tue', 'thu', 'fri']],
  ['  Sun   22:00-06:00  Europe/Berlin ', ['sun']],
])('%s is read', (text, days) => {
  expect(windowOf(text)).toEqual({ days, from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' });
});

test.each([
  ['mon-fri', /days, times and time zone/],
  ['mon 22:00 UTC', /days, times and time zone/],
  ['mon 22:00-06:00', /days, times and time zone/],
  ['mon 22:00-06:00 UTC late', /days, times and time zone/],
  ['moon 22:00-06:00 UTC', /"moon" is no day.*mon, tue/],
  ['mon-wed-fri 22:00-06:00 UTC', /no range of days/],
])('%s is refused with how to write it', (text, message) => {
  expect(() => windowOf(text)).toThrow(message);
});
